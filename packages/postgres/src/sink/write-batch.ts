import type { BatchItem, RecordBatch, SinkAnswer } from "@titan-sync/core";
import { joinColumns } from "../database/joined-columns.js";
import type { SqlTransaction } from "../database/sql-transaction.js";
import type { Tables } from "../database/tables.js";
import { identityColumns, reasonAgainst, streams, typeOf } from "./stream-tables.js";

type Upsert = Extract<BatchItem, { readonly op: "upsert" }>;
type Removal = Extract<BatchItem, { readonly op: "remove" }>;

/** The items that the columns cannot hold. */
function answerTo(batch: RecordBatch): SinkAnswer {
  const rejected = batch.items.flatMap((item) => {
    const reason = item.op === "upsert" ? reasonAgainst(item.record) : null;
    return reason === null ? [] : [{ key: item.key, reason }];
  });
  return { rejected };
}

/**
 * Applies a batch to our stream tables. An item whose revision is not above the one that is known changes
 * nothing, also when what is known is a removal.
 */
export async function writeBatch(
  transaction: SqlTransaction,
  tables: Tables,
  batch: RecordBatch,
): Promise<SinkAnswer> {
  const answer = answerTo(batch);
  const refused = new Set(answer.rejected.map((item) => item.key));
  await lockStream(transaction, tables, batch);
  const removals = batch.items.filter((item) => item.op === "remove");
  if (removals.length > 0) await remove(transaction, tables, batch, removals);
  const upserts = batch.items.filter((item) => item.op === "upsert").filter(({ key }) => !refused.has(key));
  if (upserts.length > 0) await upsert(transaction, tables, batch, upserts);
  return answer;
}

/**
 * One writer of a tenant's stream at a time. A stale owner may still be writing: without this, its upsert and
 * a newer removal could pass each other unseen.
 */
async function lockStream(
  transaction: SqlTransaction,
  tables: Tables,
  { record, scope }: RecordBatch,
): Promise<void> {
  const name = JSON.stringify([tables.schema, record, scope.companyId, scope.environment, scope.tenantId]);
  await transaction.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [name]);
}

async function remove(
  transaction: SqlTransaction,
  tables: Tables,
  { record, scope }: RecordBatch,
  removals: readonly Removal[],
): Promise<void> {
  const stream = tables[streams[record].table];
  const isSame = `stream.tenant = $2 AND stream.environment = $3 AND stream.source_tenant = $4
    AND stream.source_id = removal.source_id`;
  await transaction.query(
    `WITH removal AS (
      SELECT source_id, revision FROM unnest($5::text[], $6::bigint[]) removal (source_id, revision)
    ),
    deleted AS (
      DELETE FROM ${stream} stream
      WHERE stream.tenant = $2 AND stream.environment = $3 AND stream.source_tenant = $4
        AND stream.source_id = ANY ($5::text[])
        AND EXISTS (SELECT FROM removal WHERE ${isSame} AND stream.revision <= removal.revision OFFSET 0)
    )
    INSERT INTO ${tables.stream_removals} AS known
      (record, company_id, environment, source_tenant, source_id, revision)
    SELECT $1, $2, $3, $4, source_id, revision FROM removal
    WHERE NOT EXISTS (
      SELECT FROM ${stream} stream WHERE ${isSame} AND stream.revision > removal.revision OFFSET 0
    )
    ORDER BY source_id
    ON CONFLICT (record, company_id, environment, source_tenant, source_id) DO UPDATE
    SET revision = excluded.revision, removed_at = clock_timestamp()
    WHERE known.revision < excluded.revision`,
    [
      record,
      scope.companyId,
      scope.environment,
      scope.tenantId,
      removals.map((item) => item.key),
      removals.map((item) => item.revision),
    ],
  );
}

async function upsert(
  transaction: SqlTransaction,
  tables: Tables,
  { record, scope }: RecordBatch,
  upserts: readonly Upsert[],
): Promise<void> {
  const { table, columns } = streams[record];
  const changes = (source: string): string =>
    columns.map((column) => `${column} = ${source}.${column}`).join(", ");
  const given = ["source_id", "revision", ...columns];
  const joined = joinColumns(
    upserts.map(({ key, revision, record: row }) => {
      const values: Readonly<Record<string, string | number | null>> = { ...row };
      return [key, revision, ...columns.map((column) => values[column] ?? null)];
    }),
    given.length,
  );
  const arrays = given.map((column, index) => joined.arrayOf(`$${5 + index}`, typeOf(column)));
  const of = "record = $1 AND company_id = $2 AND environment = $3 AND source_tenant = $4";
  const isSame = `stream.tenant = $2 AND stream.environment = $3 AND stream.source_tenant = $4
    AND stream.source_id = incoming.source_id`;
  // What is there already is changed in place: a conflict would use up one id of the identity for each row. The
  // conflict is for rows that come in between by another hand.
  await transaction.query(
    `WITH incoming AS MATERIALIZED (
      SELECT incoming.* FROM unnest(${arrays.join(", ")}) incoming (${given.join(", ")})
      WHERE NOT EXISTS (
        SELECT FROM ${tables.stream_removals} removal
        WHERE ${of} AND removal.source_id = incoming.source_id AND removal.revision >= incoming.revision
        OFFSET 0
      )
    ),
    returned AS (
      DELETE FROM ${tables.stream_removals}
      WHERE ${of} AND source_id = ANY (ARRAY(SELECT source_id FROM incoming))
    ),
    changed AS (
      UPDATE ${tables[table]} stream
      SET revision = incoming.revision, processed = false, ${changes("incoming")}
      FROM incoming WHERE ${isSame} AND stream.revision < incoming.revision
    )
    INSERT INTO ${tables[table]} AS known (tenant, environment, source_tenant, ${given.join(", ")})
    SELECT $2, $3, $4, ${given.join(", ")} FROM incoming
    WHERE NOT EXISTS (SELECT FROM ${tables[table]} stream WHERE ${isSame} OFFSET 0)
    ORDER BY source_id
    ON CONFLICT (${identityColumns.join(", ")}) DO UPDATE
    SET revision = excluded.revision, processed = false, ${changes("excluded")}
    WHERE known.revision < excluded.revision`,
    [record, scope.companyId, scope.environment, scope.tenantId, ...joined.values],
  );
}
