import {
  createTitanSync,
  generateEncryptionKey,
  type HostRecord,
  memoryStorage,
  type RecordBatch,
  type SinkAnswer,
  staticKeys,
} from "@titan-sync/core";
import { createSimulator } from "@titan-sync/simulator";

/** What the application keeps of ServiceTitan: its own tables, here two maps. */
export interface Pipeline {
  readonly members: ReadonlyMap<string, HostRecord>;
  readonly invoices: ReadonlyMap<string, HostRecord>;
  /** The application's own sink: accepts a batch, possibly twice. */
  ingest(batch: RecordBatch): Promise<SinkAnswer>;
}

function createPipeline(): Pipeline {
  const members = new Map<string, HostRecord>();
  const invoices = new Map<string, HostRecord>();
  const revisions = new Map<string, number>();
  return {
    members,
    invoices,
    async ingest({ record, items }) {
      const table = record === "member" ? members : invoices;
      for (const item of items) {
        const place = `${record} ${item.key}`;
        // A late batch must not undo a newer one.
        if (item.revision < (revisions.get(place) ?? 0)) continue;
        revisions.set(place, item.revision);
        if (item.op === "upsert") table.set(item.key, item.record);
        else table.delete(item.key);
      }
      return { rejected: [] };
    },
  };
}

/**
 * Syncs a simulated tenant, changes something at ServiceTitan, and syncs again: only what changed arrives.
 * @param print - Takes a line of text.
 */
export async function runEmbedded(print: (line: string) => void): Promise<Pipeline> {
  const simulator = createSimulator({
    rateLimitPerSecond: null,
    tenants: [{ customers: 200, invoices: 500 }],
  });
  const [tenant] = simulator.tenants;
  if (tenant === undefined) throw new Error("The simulator has no tenant.");

  const pipeline = createPipeline();
  await using titan = createTitanSync({
    storage: memoryStorage(),
    keys: staticKeys(generateEncryptionKey()),
    company: async () => ({ trade: "Plumbing", timeZone: "America/Chicago" }),
    sink: pipeline.ingest,
    // Without these two lines, requests go to ServiceTitan itself.
    fetch: (input, init) => simulator.handle(new Request(input, init)),
    requestsPerSecond: 1000,
  });
  const credential = await titan.credentials.create({ companyId: "acme", ...tenant }, { test: true });
  print(`connected: ${credential.status}, client id ${credential.clientId}`);

  async function sync(): Promise<void> {
    const run = await titan.sync({ credentialId: credential.id, data: "both", fresh: true });
    const { status, ledger } = await run.result;
    print(
      `${status}: ${ledger.successful} delivered, ${ledger.unchanged} unchanged, ${ledger.failed} rejected`,
    );
  }
  await sync();
  print(`the pipeline has ${pipeline.members.size} members and ${pipeline.invoices.size} invoices`);

  const changed = simulator.mutateRandomly({ count: 3 });
  print(`changed at ServiceTitan: ${changed.map(({ feed, id }) => `${feed} ${id}`).join(", ")}`);
  await sync();
  return pipeline;
}
