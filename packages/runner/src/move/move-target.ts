import { ConfigError, ConflictError } from "@titan-sync/core";
import type { MoveOut } from "@titan-sync/sqlite";
import type { PoolClient } from "pg";
import { lastTables, movedTables } from "./moved-tables.js";
import type { RowKey, TextRow } from "./read-source.js";

/** How far a move has come. */
export interface MovePlace {
  /** The table that is being copied; `null` when only the last ones are left. */
  readonly table: string | null;
  readonly after: RowKey | null;
}

/** "move" as a number: moves to the same target wait for each other. */
const lockKey = 0x6d6f_7665;

export async function inTransaction<Result>(
  client: PoolClient,
  work: () => Promise<Result>,
): Promise<Result> {
  await client.query("BEGIN");
  try {
    const result = await work();
    await client.query("COMMIT");
    return result;
  } catch (error) {
    // A broken connection rolls back its transaction.
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

/**
 * Takes an empty database as the target, or continues with one that was prepared for the same move. Rows of
 * an attempt that
 * is out of date are deleted.
 *
 * @returns `null` when the move was completed before.
 * @throws `ConfigError` when the database holds anything else.
 */
export async function claimTarget(
  client: PoolClient,
  move: Pick<MoveOut, "sourceId" | "moveId" | "isFinished">,
  sourceName: string,
): Promise<MovePlace | null> {
  return await inTransaction(client, async () => {
    await client.query("SELECT pg_advisory_xact_lock($1)", [lockKey]);
    const { rows } = await client.query<{ source_id: string; move_id: string; place: MovePlace }>(
      "SELECT source_id, move_id, place FROM titan_sync.unfinished_move",
    );
    const [mark] = rows;
    if (mark?.move_id === move.moveId) return mark.place;
    const filled = await findFilledTable(client);
    // If the target was lost and is empty again, it may be filled again: the source has not changed since.
    if (mark === undefined && move.isFinished && filled !== null) return null;
    if (mark?.source_id === move.sourceId && !move.isFinished) await clear(client);
    else if (mark !== undefined) throw otherMove();
    else if (filled !== null) throw notEmpty(filled);
    const place: MovePlace = { table: movedTables[0]?.name ?? null, after: null };
    await client.query(
      "INSERT INTO titan_sync.unfinished_move (source_id, move_id, source, place) VALUES ($1, $2, $3, $4)",
      [move.sourceId, move.moveId, sourceName, JSON.stringify(place)],
    );
    return place;
  });
}

async function clear(client: PoolClient): Promise<void> {
  const tables = [...movedTables, ...lastTables].map(({ name }) => `titan_sync.${name}`);
  // Waiting jobs refer to credentials.
  const jobs = "titan_sync_jobs.sync_jobs";
  const { rows } = await client.query("SELECT FROM pg_class WHERE oid = to_regclass($1)", [jobs]);
  if (rows.length > 0) tables.push(jobs);
  await client.query(`TRUNCATE ${tables.join(", ")}, titan_sync.feed_links, titan_sync.unfinished_move`);
}

async function findFilledTable(client: PoolClient): Promise<string | null> {
  for (const { name } of [...movedTables, ...lastTables]) {
    const { rows } = await client.query(`SELECT FROM titan_sync.${name} LIMIT 1`);
    if (rows.length > 0) return name;
  }
  return null;
}

function otherMove(): ConfigError {
  return new ConfigError("The target holds the unfinished move of another database.", {
    hint: "Finish that move, or name another database.",
  });
}

function notEmpty(table: string): ConfigError {
  return new ConfigError(`The target is not empty: there are rows in titan_sync.${table}.`, {
    hint: "Name another database, or drop the schema titan_sync there if nobody needs its data.",
  });
}

/** @throws `ConflictError` when somebody else has gone on with the move. */
export async function savePlace(
  client: PoolClient,
  moveId: string,
  before: MovePlace,
  place: MovePlace,
): Promise<void> {
  const { rowCount } = await client.query(
    "UPDATE titan_sync.unfinished_move SET place = $3 WHERE move_id = $1 AND place = $2::jsonb",
    [moveId, JSON.stringify(before), JSON.stringify(place)],
  );
  if (rowCount !== 1)
    throw new ConflictError("Another process is continuing this move.", { hint: "Wait for it." });
}

/** Inserts rows into one table. */
export interface TargetWriter {
  write(rows: readonly TextRow[]): Promise<void>;
}

/** @param columns - those that the rows have. */
export async function openWriter(
  client: PoolClient,
  table: string,
  columns: readonly string[],
): Promise<TargetWriter> {
  const { rows } = await client.query<{ name: string; type: string }>(
    `SELECT attname AS name, format_type(atttypid, NULL) AS type FROM pg_attribute
    WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped`,
    [`titan_sync.${table}`],
  );
  const types = new Map(rows.map(({ name, type }) => [name, type]));
  const typeOf = (column: string): string => types.get(column) ?? "text";
  const aliases = columns.map((_, index) => `value_${index}`);
  const insert = `INSERT INTO titan_sync.${table} (${columns.join(", ")}) OVERRIDING SYSTEM VALUE
    SELECT ${columns.map((column, index) => `value_${index}::${typeOf(column)}`).join(", ")}
    FROM unnest(${columns.map((_, index) => `$${index + 1}::text[]`).join(", ")}) AS row (${aliases.join(", ")})`;
  return {
    async write(texts) {
      if (texts.length === 0) return;
      const values = columns.map((column) =>
        texts.map((row) => toPostgres(row[column] ?? null, typeOf(column))),
      );
      await client.query(insert, values);
    },
  };
}

/** Times are milliseconds since 1970 in SQLite, except for those that hosts read. */
function toPostgres(value: string | null, type: string): string | null {
  if (value === null || !type.startsWith("timestamp") || !/^-?\d+$/.test(value)) return value;
  return new Date(Number(value)).toISOString();
}
