import { StorageError } from "@titan-sync/core";
import type { MoveOut } from "@titan-sync/sqlite";
import type { PoolClient } from "pg";
import { linkColumns, openEntityLinks } from "./entity-links.js";
import { claimTarget, inTransaction, type MovePlace, openWriter, savePlace } from "./move-target.js";
import { continuedSequences, lastTables, type MovedTable, movedTables } from "./moved-tables.js";
import { openReader, type SourceReader, type TextRow } from "./read-source.js";

export interface MoveDatabaseParams {
  readonly source: MoveOut;
  /** For people. */
  readonly sourceName: string;
  /** A connection to a database with all tables. */
  readonly client: PoolClient;
  readonly signal: AbortSignal;
  /**
   * Called after each step with the number of rows of a table that this attempt has copied, and whether the
   * table is finished.
   */
  readonly onProgress: (table: string, rows: number, isDone: boolean) => void;
}

/** The maximum number of reads, or of characters, in one transaction of the target. */
const readsInStep = 20;
const charactersInStep = 8_000_000;

/**
 * Copies everything, in steps that commit with their place, and gives the source up at the end.
 *
 * @returns `false` when there was nothing to do: the move was completed before.
 * @throws `ConfigError` for a target that holds anything else, `ConflictError` when the source was written meanwhile,
 * the signal's reason when stopped. What was copied stays for the next attempt.
 */
export async function moveDatabase(params: MoveDatabaseParams): Promise<boolean> {
  const { source, client } = params;
  let place = await claimTarget(client, source, params.sourceName);
  if (place === null) return false;
  const from = movedTables.findIndex(({ name }) => name === place?.table);
  for (const [index, table] of from === -1 ? [] : [...movedTables.entries()].slice(from)) {
    const next = movedTables[index + 1]?.name ?? null;
    place = await copyTable(params, table, place, next);
  }
  await compareCounts(source, client);
  params.signal.throwIfAborted();
  // From here on only the target counts, even if this process ends before the target is complete.
  await source.finish();
  await inTransaction(client, () => complete(source, client, params.onProgress));
  await client.query("ANALYZE");
  return true;
}

async function copyTable(
  { source, client, signal, onProgress }: MoveDatabaseParams,
  table: MovedTable,
  start: MovePlace,
  next: string | null,
): Promise<MovePlace> {
  const { reader, write } = await openTable(source, client, table);
  let place = start;
  let copied = 0;
  while (place.table === table.name) {
    signal.throwIfAborted();
    const before = place;
    place = await inTransaction(client, async () => {
      let { after } = before;
      let characters = 0;
      for (let read = 0; read < readsInStep && characters < charactersInStep; read += 1) {
        const { rows, last } = await reader.read(after);
        await write(rows);
        copied += rows.length;
        characters += lengthOf(rows);
        after = last;
        if (after === null) break;
      }
      const reached = after === null ? { table: next, after } : { table: table.name, after };
      await savePlace(client, source.moveId, before, reached);
      return reached;
    });
    await source.renew();
    onProgress(table.name, copied, place.table !== table.name);
  }
  return place;
}

interface OpenTable {
  readonly reader: SourceReader;
  write(rows: readonly TextRow[]): Promise<void>;
}

async function openTable(source: MoveOut, client: PoolClient, table: MovedTable): Promise<OpenTable> {
  if (table.name !== "entities") {
    const reader = await openReader(source, table);
    return { reader, ...(await openWriter(client, table.name, reader.columns)) };
  }
  const reader = await openReader(source, table, ["links"]);
  const writer = await openWriter(client, table.name, [...reader.columns, ...linkColumns]);
  const links = await openEntityLinks(client);
  return {
    reader,
    async write(rows) {
      const linked: TextRow[] = [];
      for (const row of rows) {
        linked.push({ ...row, ...(await links.columnsOf(row["feed"] ?? "", row["links"] ?? "{}")) });
      }
      await writer.write(linked);
    },
  };
}

function lengthOf(rows: readonly TextRow[]): number {
  return rows.reduce(
    (sum, row) => sum + Object.values(row).reduce((length, value) => length + (value?.length ?? 0), 0),
    0,
  );
}

/** Tables that allow syncs to start come last, in one step. */
async function complete(
  source: MoveOut,
  client: PoolClient,
  onProgress: MoveDatabaseParams["onProgress"],
): Promise<void> {
  for (const table of lastTables) {
    const { reader, write } = await openTable(source, client, table);
    let copied = 0;
    let after: readonly string[] | null = null;
    do {
      const part = await reader.read(after);
      await write(part.rows);
      copied += part.rows.length;
      after = part.last;
    } while (after !== null);
    onProgress(table.name, copied, true);
  }
  for (const { table, column, last } of continuedSequences) {
    const [row] = await source.read<{ last: string | null }>(last);
    const reached = row?.last ?? "0";
    await client.query(
      `SELECT setval(pg_get_serial_sequence($1, $2), greatest($3::bigint, 1), $3::bigint > 0)`,
      [`titan_sync.${table}`, column, reached],
    );
  }
  await client.query("DELETE FROM titan_sync.unfinished_move WHERE move_id = $1", [source.moveId]);
}

/** A last check before the source is given up. */
async function compareCounts(source: MoveOut, client: PoolClient): Promise<void> {
  for (const { name } of movedTables) {
    const count = "SELECT CAST(count(*) AS TEXT) AS count FROM";
    const [held] = await source.read<{ count: string }>(`${count} ${name}`);
    const { rows } = await client.query<{ count: string }>(`${count} titan_sync.${name}`);
    if (held?.count === rows[0]?.count) continue;
    throw new StorageError(
      `The table ${name} has ${held?.count} rows here and ${rows[0]?.count} in the target.`,
      {
        hint: "Somebody else has written to the target. Name an empty database.",
      },
    );
  }
}
