import { pipeline } from "node:stream/promises";
import type { RecordBatch } from "@titan-sync/core";
import type { Pool, PoolClient } from "pg";
import { from as copyFrom } from "pg-copy-streams";

/** Writes a batch in its own transaction. */
export type WriteBatch = (batch: RecordBatch) => Promise<void>;

type Row = Readonly<Record<string, string | number | null>>;

const identity = ["tenant", "environment", "source_tenant", "source_id"];

/**
 * What `postgresSink` does with upserts, by COPY into a temporary table: the batch's id, the lock, the removals,
 * and one statement that merges.
 */
export function copyUpsert(pool: Pool): WriteBatch {
  return (batch) =>
    inTransaction(pool, batch, async (client) => {
      await client.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [
        JSON.stringify(batch.scope),
      ]);
      const rows = rowsOf(batch);
      const columns = Object.keys(rows[0] ?? {});
      await client.query(
        `CREATE TEMPORARY TABLE IF NOT EXISTS incoming ON COMMIT DELETE ROWS
        AS SELECT ${columns.join(", ")} FROM titan_sync.invoices_stream WITH NO DATA`,
      );
      await copyRows(client, "incoming", columns, rows);
      const isSame = `removal.record = 'invoice' AND removal.company_id = incoming.tenant
        AND removal.environment = incoming.environment AND removal.source_tenant = incoming.source_tenant
        AND removal.source_id = incoming.source_id`;
      await client.query(
        `DELETE FROM incoming WHERE EXISTS (
          SELECT FROM titan_sync.stream_removals removal WHERE ${isSame} AND removal.revision >= incoming.revision
        )`,
      );
      await client.query(`DELETE FROM titan_sync.stream_removals removal USING incoming WHERE ${isSame}`);
      const changes = columns
        .filter((column) => !identity.includes(column))
        .map((column) => `${column} = excluded.${column}`);
      await client.query(
        `INSERT INTO titan_sync.invoices_stream AS known (${columns.join(", ")})
        SELECT ${columns.join(", ")} FROM incoming ORDER BY source_id
        ON CONFLICT (${identity.join(", ")}) DO UPDATE SET processed = false, ${changes.join(", ")}
        WHERE known.revision < excluded.revision`,
      );
    });
}

/** What `postgresAppendSink` does, by COPY into the table itself. */
export function copyAppend(pool: Pool, table: string): WriteBatch {
  return (batch) =>
    inTransaction(pool, batch, async (client) => {
      const rows = upsertsOf(batch).map(({ record }): Row => ({ ...record }));
      await copyRows(client, table, Object.keys(rows[0] ?? {}), rows);
    });
}

async function inTransaction(
  pool: Pool,
  { id, scope }: RecordBatch,
  work: (client: PoolClient) => Promise<void>,
): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    await client.query(
      "INSERT INTO titan_sync.stream_batches (company_id, batch_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
      [scope.companyId, id],
    );
    await work(client);
    await client.query("COMMIT");
    client.release();
  } catch (error) {
    client.release(true);
    throw error;
  }
}

function rowsOf(batch: RecordBatch): readonly Row[] {
  return upsertsOf(batch).map(({ record, key, revision }) => ({
    ...record,
    environment: batch.scope.environment,
    source_tenant: batch.scope.tenantId,
    source_id: key,
    revision,
  }));
}

function upsertsOf({ items }: RecordBatch) {
  return items.filter((item) => item.op === "upsert");
}

async function copyRows(
  client: PoolClient,
  table: string,
  columns: readonly string[],
  rows: readonly Row[],
): Promise<void> {
  const lines = rows.map((row) => `${columns.map((column) => copyField(row[column])).join("\t")}\n`);
  // One text for a batch: a line at a time costs more in the stream than in the database.
  await pipeline(
    [lines.join("")],
    client.query(copyFrom(`COPY ${table} (${columns.join(", ")}) FROM STDIN`)),
  );
}

const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function copyField(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return "\\N";
  return String(value).replace(/[\\\n\r\t]/g, (character) => escapes[character] ?? character);
}
