import {
  createTitanSync,
  generateEncryptionKey,
  type RecordSink,
  type RecordType,
  type RunResult,
  type Storage,
  type SyncRequest,
  staticKeys,
  type TitanSync,
  type TitanSyncOptions,
} from "@titan-sync/core";
import {
  createSimulator,
  type Simulator,
  type SimulatorOptions,
  type TenantOptions,
} from "@titan-sync/simulator";

/** A storage with its own sink kind, and how to see what has arrived there. */
export interface Stores {
  readonly storage: Storage;
  readonly sink: RecordSink;
  /** Whether totals arrive as exact decimals or in a column of double precision. */
  readonly totals: "decimal" | "double";
  /** The delivered records by `source_id`, without `version`. */
  records(record: RecordType, companyId: string): Promise<ReadonlyMap<string, Row>>;
  close(): Promise<void>;
}

export type Row = Readonly<Record<string, unknown>>;

/** One company with one simulated tenant. */
export interface World {
  readonly simulator: Simulator;
  readonly titan: TitanSync;
  readonly storage: Storage;
  readonly credentialId: string;
  readonly companyId: string;
  readonly tenantId: string;
  sync(request?: Partial<SyncRequest>): Promise<RunResult>;
  /** The same by another instance, whose storage is a decorated one. */
  syncOn(storage: Storage, request: Partial<SyncRequest>): Promise<RunResult>;
  records(record: RecordType): Promise<ReadonlyMap<string, Row>>;
}

export interface WorldOptions {
  readonly tenant?: TenantOptions;
  readonly simulator?: Omit<SimulatorOptions, "tenants">;
  readonly titan?: Partial<TitanSyncOptions>;
  /** Called before each request to the API. */
  readonly beforeRequest?: () => void;
  /** Rows in a page of a list, whatever is asked for. */
  readonly maxRowsInPage?: number;
}

let companies = 0;

/** Lets nobody wait: repetitions come at once. */
const impatient = { firstDelayMs: 1, maxDelayMs: 2, jitter: 0, maxAttempts: 6 };

/** Sets a company up, connected to a simulator that is reached without a socket. */
export async function createWorld(stores: Stores, options: WorldOptions = {}): Promise<World> {
  companies += 1;
  const companyId = `company-${process.pid}-${Date.now()}-${companies}`;
  const simulator = createSimulator({
    rateLimitPerSecond: null,
    ...options.simulator,
    tenants: [options.tenant ?? { customers: 40, invoices: 90 }],
  });
  const [tenant] = simulator.tenants;
  if (tenant === undefined) throw new Error("The simulator has no tenant.");
  const settings: TitanSyncOptions = {
    storage: stores.storage,
    sink: stores.sink,
    keys: staticKeys(generateEncryptionKey()),
    company: async () => ({ trade: "HVAC", importId: 7, timeZone: "America/Chicago" }),
    fetch: (input, init) => {
      options.beforeRequest?.();
      const url = new URL(input instanceof Request ? input.url : input);
      const { maxRowsInPage } = options;
      const asked = url.searchParams.get("pageSize");
      if (maxRowsInPage !== undefined && asked !== null) {
        url.searchParams.set("pageSize", String(Math.min(Number(asked), maxRowsInPage)));
      }
      return simulator.handle(new Request(url, init));
    },
    requestsPerSecond: 1000,
    retry: impatient,
    ...options.titan,
  };
  const titan = createTitanSync(settings);
  const { id: credentialId } = await titan.credentials.create({ companyId, ...tenant });
  return {
    simulator,
    titan,
    storage: stores.storage,
    credentialId,
    companyId,
    tenantId: tenant.tenantId,
    sync: async (request = {}) => await (await titan.sync({ credentialId, ...request })).result,
    syncOn: async (storage, request) =>
      await (await createTitanSync({ ...settings, storage }).sync({ credentialId, ...request })).result,
    records: (record) => stores.records(record, companyId),
  };
}
