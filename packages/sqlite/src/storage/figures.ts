import type { FeedFigures, FeedName, RecordFigures, RecordType } from "@titan-sync/core";
import { feedColumns, recordFigureColumns } from "@titan-sync/core/support";
import type { Statements } from "../database/connection.js";
import type { LeaseHolder } from "./lease-holder.js";

/** Adds to what a run has read of a feed. */
export function addFeedFigures(
  statements: Statements,
  { runNumber }: LeaseHolder,
  feed: FeedName,
  figures: FeedFigures,
  now: number,
): void {
  add(statements, runNumber, { table: "run_feeds", key: "feed", columns: feedColumns }, feed, figures, now);
  touch(statements, runNumber, now);
}

/** Adds to the outcome of a run's records. */
export function addRecordFigures(
  statements: Statements,
  { runNumber }: LeaseHolder,
  record: RecordType,
  figures: RecordFigures,
  now: number,
): void {
  add(
    statements,
    runNumber,
    { table: "run_records", key: "record", columns: recordFigureColumns },
    record,
    figures,
    now,
  );
  if (figures.counts !== undefined) addCounts(statements, runNumber, record, figures.counts);
  touch(statements, runNumber, now);
}

function touch(statements: Statements, runNumber: number, now: number): void {
  statements.run("UPDATE runs SET updated_at = ?2 WHERE run_number = ?1", runNumber, now);
}

function addCounts(
  statements: Statements,
  runNumber: number,
  record: RecordType,
  counts: Readonly<Record<string, number>>,
): void {
  const row = statements.get<{ counts: string | null }>(
    "SELECT counts FROM run_records WHERE run_number = ?1 AND record = ?2",
    runNumber,
    record,
  );
  const sums = new Map(Object.entries(JSON.parse(row?.counts ?? "{}") as Record<string, number>));
  for (const [name, count] of Object.entries(counts)) sums.set(name, (sums.get(name) ?? 0) + count);
  statements.run(
    "UPDATE run_records SET counts = ?3 WHERE run_number = ?1 AND record = ?2",
    runNumber,
    record,
    JSON.stringify(Object.fromEntries(sums)),
  );
}

function add<Figure extends string>(
  statements: Statements,
  runNumber: number,
  target: {
    readonly table: string;
    readonly key: string;
    readonly columns: Readonly<Record<Figure, string>>;
  },
  key: string,
  figures: Readonly<Record<Figure, number>>,
  now: number,
): void {
  const names = Object.keys(target.columns) as Figure[];
  const columns = names.map((name) => target.columns[name]);
  const parameters = columns.map((_column, index) => `?${index + 4}`);
  const sums = columns.map((column) => `${column} = figures.${column} + excluded.${column}`);
  statements.run(
    `INSERT INTO ${target.table} AS figures (run_number, ${target.key}, updated_at, ${columns.join(", ")})
    VALUES (?1, ?2, ?3, ${parameters.join(", ")})
    ON CONFLICT (run_number, ${target.key}) DO UPDATE SET updated_at = excluded.updated_at, ${sums.join(", ")}`,
    runNumber,
    key,
    now,
    ...names.map((name) => figures[name]),
  );
}
