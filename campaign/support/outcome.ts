import {
  createTitanSync,
  type KnownRecordType,
  type RecordBatch,
  type StoredRun,
  type SyncData,
  staticKeys,
} from "@titan-sync/core";
import type { SimulatedFeed } from "@titan-sync/simulator";
import { expect } from "vitest";
import { openServerStores } from "../../test/sync/open-stores.js";
import type { Row } from "../../test/sync/world.js";
import { foldBatches, readBatches } from "../workers/file-sink.js";
import type { LookedAt } from "./looked-at.js";
import type { Source } from "./sources.js";

/** The current records of each type by id, versions left out. */
export type Records = Readonly<Record<KnownRecordType, ReadonlyMap<string, Row>>>;

/** What one untroubled run into an empty database delivers of the source as it is now. */
export async function undisturbed(
  source: Pick<Source, "simulator" | "companyId" | "tenant" | "encryptionKey">,
  { data, sink }: { readonly data: SyncData; readonly sink: "database" | "file" },
): Promise<Records> {
  const { simulator, companyId, tenant, encryptionKey } = source;
  const stores = await openServerStores();
  try {
    const batches: RecordBatch[] = [];
    const collect = async (batch: RecordBatch) => {
      batches.push(batch);
      return { rejected: [] };
    };
    const titan = createTitanSync({
      storage: stores.storage,
      sink: sink === "database" ? stores.sink : collect,
      keys: staticKeys(encryptionKey),
      company: async () => ({ trade: "HVAC", importId: 7, timeZone: "America/Chicago" }),
      fetch: (input, init) => simulator.handle(new Request(input, init)),
      requestsPerSecond: 1000,
    });
    const credential = await titan.credentials.create({ companyId, ...tenant });
    const run = await titan.sync({ credentialId: credential.id, data, fresh: true });
    const result = await run.result;
    expect(result).toMatchObject({ status: "completed", error: null });
    await titan.close();
    return sink === "file"
      ? foldAll(batches)
      : {
          member: await stores.records("member", companyId),
          invoice: await stores.records("invoice", companyId),
        };
  } finally {
    await stores.close();
  }
}

function foldAll(batches: readonly RecordBatch[]): Records {
  return { member: foldBatches(batches, "member"), invoice: foldBatches(batches, "invoice") };
}

/** What a troubled database and its sink hold in the end. */
export interface Outcome {
  readonly records: Records;
  readonly runs: readonly StoredRun[];
  /** Entities that are not removed, by feed. */
  readonly landed: Readonly<Record<string, number>>;
  readonly rejected: Readonly<Record<KnownRecordType, number>>;
  /** Batches that were stored and not acknowledged. */
  readonly unsent: number;
  /** What is still to be derived of the record types. */
  readonly listed: number;
}

export async function readOutcome(
  { storage, records, query }: LookedAt,
  companyId: string,
  sinkFile: string | null,
): Promise<Outcome> {
  const rejections = (await storage.listRejections({ companyId }, { limit: 1000 })).items;
  const rejectedOf = (feed: string): number => rejections.filter((row) => row.feed === feed).length;
  const ofCompany = `scope_id IN (SELECT scope_id FROM tenant_scopes WHERE company_id = '${companyId}')`;
  const landed = await query(
    `SELECT feed, count(*) AS count FROM entities WHERE ${ofCompany} AND NOT removed GROUP BY feed`,
  );
  const count = async (table: string): Promise<number> =>
    Number((await query(`SELECT count(*) AS count FROM ${table} WHERE ${ofCompany}`))[0]?.["count"]);
  return {
    records:
      sinkFile === null
        ? { member: await records("member", companyId), invoice: await records("invoice", companyId) }
        : foldAll(readBatches(sinkFile)),
    runs: (await storage.listRuns({ companyId }, { limit: 1000 })).items,
    landed: Object.fromEntries(landed.map((row) => [String(row["feed"]), Number(row["count"])])),
    rejected: { member: rejectedOf("customers"), invoice: rejectedOf("invoices") },
    unsent: await count("stored_batches"),
    listed: await count("work_items"),
  };
}

/** Every row that was read went somewhere, and so did every record that was derived. */
export function expectBalanced(runs: readonly Pick<StoredRun, "feeds" | "records">[]): void {
  for (const run of runs) {
    for (const feed of Object.values(run.feeds)) {
      expect(feed.read).toBe(
        feed.landed + feed.unchanged + feed.superseded + feed.suppressed + feed.rejected,
      );
    }
    for (const record of Object.values(run.records)) {
      expect(record.derived).toBe(record.delivered + record.unchanged + record.leftOut + record.rejected);
    }
  }
}

/** As many rows as the simulator holds, in every feed that was read, and as many records as follow from them. */
export function expectComplete(outcome: Outcome, { simulator, tenant }: Source): void {
  const rows = (feed: string) => simulator.rows(tenant.tenantId, feed as SimulatedFeed);
  for (const [feed, count] of Object.entries(outcome.landed))
    expect([feed, count]).toEqual([feed, rows(feed).length]);
  const { records, rejected } = outcome;
  if (outcome.landed["memberships"] !== undefined) {
    expect(records.member.size + rejected.member).toBe(rows("customers").length);
  }
  if (outcome.landed["invoices"] !== undefined) {
    const active = rows("invoices").filter((row) => row["active"] !== false);
    expect(records.invoice.size + rejected.invoice).toBe(active.length);
  }
}
