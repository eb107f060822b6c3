import { createTitanSync, type StoredSchedule, staticKeys } from "@titan-sync/core";
import { postgresSink, postgresStorage } from "@titan-sync/postgres";
import type { Pool } from "pg";
import { company } from "./connect.js";
import type { Source } from "./source-process.js";

export interface ConnectOptions {
  readonly pool: Pool;
  readonly source: Source;
  /** As the setting `encryptionKeys` has it. */
  readonly encryptionKeys: string;
  /** How often each company is synced, such as `15m`. */
  readonly every: string;
  readonly note: (text: string) => void;
}

/** In parallel: enough to keep the machine busy. */
const width = 16;

/**
 * Connects each tenant of a source as its own company, syncs all of them once, and gives them their schedules.
 *
 * @returns the schedules.
 * @throws Error when a first sync does not complete.
 */
export async function connectCompanies(options: ConnectOptions): Promise<readonly StoredSchedule[]> {
  const { pool, source, encryptionKeys, every, note } = options;
  const titan = createTitanSync({
    storage: postgresStorage({ pool }),
    sink: postgresSink({ pool }),
    keys: staticKeys(encryptionKeys),
    endpoints: { apiUrl: source.url, authUrl: source.url },
    maxBytesInFlight: 1024 * 1024,
  });
  let synced = 0;
  const credentialIds = await eachOf(source.tenants, async (tenant, index) => {
    const companyId = `company-${index + 1}`;
    await titan.companies.save(companyId, company);
    const { id } = await titan.credentials.create({ companyId, ...tenant });
    const { status } = await (await titan.sync({ credentialId: id })).result;
    if (status !== "completed") throw new Error(`The first sync of ${companyId} ended ${status}.`);
    synced += 1;
    if (synced % 500 === 0) note(`${synced} of ${source.tenants.length} companies have had their first sync`);
    return id;
  });
  // All at last, within less than their jitter: what comes due meanwhile starts late, as after a restart.
  const schedules = await eachOf(credentialIds, (id) => titan.schedules.save(id, { every }));
  await titan.close();
  return schedules;
}

async function eachOf<Item, Result>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const left = items.entries();
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const [index, item] of left) results[index] = await work(item, index);
    }),
  );
  return results;
}
