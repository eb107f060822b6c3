import {
  createTitanSync,
  type RecordSinkObject,
  type Storage,
  staticKeys,
  type TitanSync,
} from "@titan-sync/core";
import type { SimulatedTenant } from "@titan-sync/simulator";
import { openServerStores } from "../../test/sync/open-stores.js";
import type { Row, Stores } from "../../test/sync/world.js";

/** Companies of one simulated ServiceTitan, which processes reach by its address. */
export interface ChaosCompany {
  readonly companyId: string;
  readonly credentialId: string;
  readonly tenant: SimulatedTenant;
  /** When its schedule was saved, in epoch milliseconds. */
  readonly scheduledAt: number;
  /** The first nominal start of its schedule. */
  readonly firstNominalAt: number;
  /** Whether its feeds fail. */
  readonly isFaulty: boolean;
}

export const everyMs = 60_000;

interface Opened {
  readonly url: string;
  readonly encryptionKey: string;
  readonly storage: Storage;
  readonly sink: RecordSinkObject;
}

export function openTitanAt({ url, encryptionKey, storage, sink }: Opened): TitanSync {
  return createTitanSync({
    storage,
    sink,
    keys: staticKeys(encryptionKey),
    endpoints: { apiUrl: url, authUrl: url },
    requestsPerSecond: 500,
  });
}

/** Connects each tenant, with a sync each minute. */
export async function connectCompanies(
  titan: TitanSync,
  tenants: readonly SimulatedTenant[],
  faulty: number,
): Promise<readonly ChaosCompany[]> {
  const companies: ChaosCompany[] = [];
  for (const [index, tenant] of tenants.entries()) {
    const companyId = `company-${index + 1}`;
    const { id: credentialId } = await connect(titan, companyId, tenant);
    const { nextNominalAt, createdAt: scheduledAt } = await titan.schedules.save(credentialId, {
      every: "1m",
    });
    const isFaulty = index >= tenants.length - faulty;
    const firstNominalAt = nextNominalAt ?? 0;
    companies.push({ companyId, credentialId, tenant, scheduledAt, firstNominalAt, isFaulty });
  }
  return companies;
}

async function connect(titan: TitanSync, companyId: string, tenant: SimulatedTenant) {
  await titan.companies.save(companyId, { trade: "HVAC", importId: 7, timeZone: "America/Chicago" });
  return await titan.credentials.create({ companyId, ...tenant }, { test: true });
}

const atOnce = 4;

/** What one undisturbed run of each company into an empty database delivers of the tenants as they are now. */
export async function undisturbedCompanies<Result>(
  companies: readonly ChaosCompany[],
  source: Pick<Opened, "url" | "encryptionKey">,
  look: (records: Stores["records"]) => Promise<Result>,
): Promise<Result> {
  const stores = await openServerStores();
  const { storage, records } = stores;
  const titan = openTitanAt({ ...source, storage, sink: stores.sink as RecordSinkObject });
  const waiting = [...companies];
  async function work(): Promise<void> {
    for (let company = waiting.shift(); company !== undefined; company = waiting.shift()) {
      const { id: credentialId } = await connect(titan, company.companyId, company.tenant);
      const { status } = await (await titan.sync({ credentialId, fresh: true })).result;
      if (status !== "completed") throw new Error(`An undisturbed run of ${company.companyId} is ${status}.`);
    }
  }
  try {
    await Promise.all(Array.from({ length: atOnce }, work));
    return await look(records);
  } finally {
    await titan.close();
    await stores.close();
  }
}

/** Whose records differ from those of another database, and in what. */
export async function differingCompanies(
  companies: readonly ChaosCompany[],
  ours: Stores["records"],
  theirs: Stores["records"],
): Promise<readonly string[]> {
  const differences: string[] = [];
  for (const { companyId } of companies) {
    for (const record of ["member", "invoice"] as const) {
      const [own, expected] = [await ours(record, companyId), await theirs(record, companyId)];
      for (const id of new Set([...own.keys(), ...expected.keys()])) {
        const columns = differingColumns(own.get(id), expected.get(id));
        if (columns.length > 0) differences.push(`${companyId}, ${record} ${id}: ${columns.join(", ")}`);
      }
    }
  }
  return differences;
}

function differingColumns(own: Row | undefined, expected: Row | undefined): readonly string[] {
  if (own === undefined || expected === undefined) return [own === undefined ? "is missing" : "is too many"];
  return [...new Set([...Object.keys(own), ...Object.keys(expected)])].filter(
    (column) => JSON.stringify(own[column]) !== JSON.stringify(expected[column]),
  );
}
