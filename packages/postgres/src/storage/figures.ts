import type { FeedFigures, FeedName, RecordFigures, RecordType } from "@titan-sync/core";
import { feedColumns, recordFigureColumns } from "@titan-sync/core/support";
import type { SqlTransaction } from "../database/sql-transaction.js";
import type { Tables } from "../database/tables.js";
import type { LeaseHolder } from "./lease-holder.js";

/** Adds to what a run has read of a feed. */
export async function addFeedFigures(
  transaction: SqlTransaction,
  tables: Tables,
  owner: LeaseHolder,
  feed: FeedName,
  figures: FeedFigures,
): Promise<void> {
  await add(
    transaction,
    owner,
    { table: tables.run_feeds, key: "feed", columns: feedColumns },
    feed,
    figures,
  );
}

/** Adds to the figures of a run's records. */
export async function addRecordFigures(
  transaction: SqlTransaction,
  tables: Tables,
  owner: LeaseHolder,
  record: RecordType,
  figures: RecordFigures,
): Promise<void> {
  const target = { table: tables.run_records, key: "record", columns: recordFigureColumns };
  await add(transaction, owner, target, record, figures);
  if (figures.counts !== undefined) await addCounts(transaction, tables, owner, record, figures.counts);
}

async function addCounts(
  transaction: SqlTransaction,
  tables: Tables,
  { runNumber, companyId }: LeaseHolder,
  record: RecordType,
  counts: Readonly<Record<string, number>>,
): Promise<void> {
  await transaction.query(
    `UPDATE ${tables.run_records} figures SET counts = (
      SELECT jsonb_object_agg(name, amount) FROM (
        SELECT name, sum(amount::bigint) AS amount FROM (
          SELECT * FROM jsonb_each_text(coalesce(figures.counts, '{}'))
          UNION ALL SELECT * FROM jsonb_each_text($4::jsonb)
        ) counted (name, amount) GROUP BY name
      ) sums
    )
    WHERE run_number = $1 AND company_id = $2 AND record = $3`,
    [runNumber, companyId, record, JSON.stringify(counts)],
  );
}

async function add<Figure extends string>(
  transaction: SqlTransaction,
  { runNumber, companyId }: LeaseHolder,
  target: {
    readonly table: string;
    readonly key: string;
    readonly columns: Readonly<Record<Figure, string>>;
  },
  key: string,
  figures: Readonly<Record<Figure, number>>,
): Promise<void> {
  const names = Object.keys(target.columns) as Figure[];
  const columns = names.map((name) => target.columns[name]);
  const parameters = columns.map((_column, index) => `$${index + 4}`);
  const sums = columns.map((column) => `${column} = figures.${column} + excluded.${column}`);
  await transaction.query(
    `INSERT INTO ${target.table} AS figures (run_number, company_id, ${target.key}, ${columns.join(", ")})
    VALUES ($1, $2, $3, ${parameters.join(", ")})
    ON CONFLICT (run_number, ${target.key}) DO UPDATE SET updated_at = clock_timestamp(), ${sums.join(", ")}`,
    [runNumber, companyId, key, ...names.map((name) => figures[name])],
  );
}
