import {
  createTitanSync,
  type RecordBatch,
  type RecordType,
  type StoredRun,
  type SyncData,
  staticKeys,
} from "@titan-sync/core";
import { type PgPoolLike, postgresStorage } from "@titan-sync/postgres";
import type { SimulatedFeed } from "@titan-sync/simulator";
import { expect } from "vitest";
import { openServerStores } from "../../test/sync/open-stores.js";
import { openPostgresStores } from "../../test/sync/postgres-stores.js";
import type { Row } from "../../test/sync/world.js";
import { foldBatches, readBatches } from "../workers/file-sink.js";
import type { Source } from "./sources.js";

/** The current records of each type by id, versions left out. */
export type Records = Readonly<Record<RecordType, ReadonlyMap<string, Row>>>;

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
  readonly rejected: Readonly<Record<RecordType, number>>;
  /** Batches that were stored and not acknowledged. */
  readonly unsent: number;
  /** What is still to be derived of the record types. */
  readonly listed: number;
}

export async function readOutcome(
  pool: PgPoolLike,
  companyId: string,
  sinkFile: string | null,
): Promise<Outcome> {
  const storage = postgresStorage({ pool });
  const stores = openPostgresStores(pool, async () => undefined);
  const rejections = (await storage.listRejections({ companyId }, { limit: 1000 })).items;
  const rejectedOf = (feed: string): number => rejections.filter((row) => row.feed === feed).length;
  const client = await pool.connect();
  try {
    const count = async <Counted extends object>(sql: string): Promise<readonly Counted[]> =>
      ((await client.query(sql, [companyId])) as { rows: readonly Counted[] }).rows;
    const landed = await count<{ feed: string; count: number }>(
      `SELECT feed::text, count(*)::int AS count FROM titan_sync.entities
      WHERE company_id = $1 AND NOT removed GROUP BY feed`,
    );
    const [left] = await count<{ unsent: number; listed: number }>(
      `SELECT (SELECT count(*)::int FROM titan_sync.stored_batches WHERE company_id = $1) AS unsent,
        (SELECT count(*)::int FROM titan_sync.work_items WHERE company_id = $1) AS listed`,
    );
    return {
      records:
        sinkFile === null
          ? {
              member: await stores.records("member", companyId),
              invoice: await stores.records("invoice", companyId),
            }
          : foldAll(readBatches(sinkFile)),
      runs: (await storage.listRuns({ companyId }, { limit: 1000 })).items,
      landed: Object.fromEntries(landed.map((row) => [row.feed, row.count])),
      rejected: { member: rejectedOf("customers"), invoice: rejectedOf("invoices") },
      unsent: left?.unsent ?? 0,
      listed: left?.listed ?? 0,
    };
  } finally {
    client.release();
    await storage.close();
  }
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
