import type { BatchItem, RecordBatch, SinkAnswer } from "@titan-sync/core";
import { reasonAgainst, streamOf } from "@titan-sync/core/support";
import { joinColumns } from "../database/joined-columns.js";
import type { SqlTransaction } from "../database/sql-transaction.js";
import type { Tables } from "../database/tables.js";
import { identityColumns, typeOf } from "./stream-tables.js";

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
  const stream = tables[streamOf(record).table];
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

/**
 * Existing rows keep their ids. An upsert alone would do, but it uses up one number of the identity for
 * each changed row: so those are looked up first, and inserted with their existing id.
 */
async function upsert(
  transaction: SqlTransaction,
  tables: Tables,
  batch: RecordBatch,
  upserts: readonly Upsert[],
): Promise<void> {
  const ids = await findIds(transaction, tables, batch, upserts);
  const added = upserts.filter(({ key }) => !ids.has(key));
  const changed = upserts.filter(({ key }) => ids.has(key));
  if (added.length > 0) await merge(transaction, tables, batch, added, null);
  if (changed.length > 0) await merge(transaction, tables, batch, changed, ids);
}

/** The ids of existing rows, by key. */
async function findIds(
  transaction: SqlTransaction,
  tables: Tables,
  { record, scope }: RecordBatch,
  upserts: readonly Upsert[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await transaction.query<{ key: string; id: string }>(
    `SELECT source_id AS key, id::text AS id FROM ${tables[streamOf(record).table]}
    WHERE tenant = $1 AND environment = $2 AND source_tenant = $3 AND source_id = ANY ($4::text[])`,
    [scope.companyId, scope.environment, scope.tenantId, upserts.map(({ key }) => key)],
  );
  return new Map(rows.map(({ key, id }) => [key, id]));
}

/** @param ids - of existing rows; `null` for rows that get new ones. */
async function merge(
  transaction: SqlTransaction,
  tables: Tables,
  { record, scope }: RecordBatch,
  upserts: readonly Upsert[],
  ids: ReadonlyMap<string, string> | null,
): Promise<void> {
  const { table, columns } = streamOf(record);
  const changes = columns.map((column) => `${column} = excluded.${column}`);
  const given = [...(ids === null ? [] : ["id"]), "source_id", "revision", ...columns];
  const joined = joinColumns(
    upserts.map(({ key, revision, record: row }) => {
      const values: Readonly<Record<string, string | number | null>> = {
        ...row,
        id: ids?.get(key) ?? null,
        source_id: key,
        revision,
      };
      return given.map((column) => values[column] ?? null);
    }),
    given.length,
  );
  const arrays = given.map((column, index) => joined.arrayOf(`$${5 + index}`, typeOf(column)));
  const of = "record = $1 AND company_id = $2 AND environment = $3 AND source_tenant = $4";
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
    )
    INSERT INTO ${tables[table]} AS known (tenant, environment, source_tenant, ${given.join(", ")})
    ${ids === null ? "" : "OVERRIDING SYSTEM VALUE"}
    SELECT $2, $3, $4, ${given.join(", ")} FROM incoming ORDER BY source_id
    ON CONFLICT (${identityColumns.join(", ")}) DO UPDATE
    SET revision = excluded.revision, processed = false, ${changes.join(", ")}
    WHERE known.revision < excluded.revision`,
    [record, scope.companyId, scope.environment, scope.tenantId, ...joined.values],
  );
}
