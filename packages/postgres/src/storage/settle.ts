import type { SettledItem, SettleParams } from "@titan-sync/core";
import { clearsRejections, staysPending } from "@titan-sync/core/support";
import type { Database } from "../database/database.js";
import { idArray } from "../database/id-array.js";
import { joinTexts, splitTexts } from "../database/joined-texts.js";
import { forSink } from "../database/sink-transaction.js";
import type { SqlTransaction } from "../database/sql-transaction.js";
import type { Tables } from "../database/tables.js";
import { addRecordFigures } from "./figures.js";
import { type LeaseHolder, lockLease } from "./lease-holder.js";
import { clearRejections, keepRejections } from "./rejections-write.js";

/** Stores the outcome of claimed keys, in one transaction with a sink that shares the database. */
export async function settle(database: Database, params: SettleParams): Promise<void> {
  const { tables } = database;
  const { lease, scope, record, feed, batchId, settlement: given } = params;
  await database.transaction(async (transaction) => {
    const owner = await lockLease(transaction, tables, lease, scope);
    const { items, figures } =
      typeof given === "function" ? await given(forSink(transaction), transaction.attempt) : given;
    // A key that stays pending also stays claimed by its owner, who would otherwise claim it again at once.
    await takeOff(
      transaction,
      tables,
      owner,
      params,
      items.filter((item) => !staysPending(item)),
    );
    await storeDelivered(transaction, tables, owner, params, items);
    await clearRejections(
      transaction,
      tables,
      owner,
      feed,
      ["record", "sink"],
      idsOf(items.filter(clearsRejections)),
    );
    const rejections = items.flatMap((item) => (item.outcome === "rejected" ? [item.rejection] : []));
    await keepRejections(transaction, tables, owner, lease, rejections);
    if (batchId !== null) await dropBatch(transaction, tables, owner, batchId);
    await addRecordFigures(transaction, tables, owner, record, figures);
  });
}

/** Removes keys that were not enqueued again since they were read, and releases the others. */
async function takeOff(
  transaction: SqlTransaction,
  tables: Tables,
  { scopeId, companyId }: LeaseHolder,
  { record, feed }: SettleParams,
  items: readonly SettledItem[],
): Promise<void> {
  if (items.length === 0) return;
  await transaction.query(
    `WITH settled AS MATERIALIZED (
      SELECT item.entity_id,
        (item.entity_id, item.sequence) IN (SELECT * FROM unnest($5::bigint[], $6::bigint[])) AS is_done
      FROM ${tables.work_items} item
      WHERE item.scope_id = $1 AND item.company_id = $2 AND item.record = $3 AND item.feed = $4
        AND item.entity_id = ANY ($5::bigint[])
      ORDER BY item.entity_id FOR UPDATE
    ),
    done AS (
      DELETE FROM ${tables.work_items}
      WHERE scope_id = $1 AND company_id = $2 AND record = $3 AND feed = $4
        AND entity_id = ANY (ARRAY(SELECT entity_id FROM settled WHERE is_done))
    )
    UPDATE ${tables.work_items} SET claimed_fence = NULL
    WHERE scope_id = $1 AND company_id = $2 AND record = $3 AND feed = $4
      AND entity_id = ANY (ARRAY(SELECT entity_id FROM settled WHERE NOT is_done))`,
    [scopeId, companyId, record, feed, idArray(idsOf(items)), idArray(items.map((item) => item.sequence))],
  );
}

/** Stores what was delivered. An older revision never replaces a newer one. */
async function storeDelivered(
  transaction: SqlTransaction,
  tables: Tables,
  { scopeId, companyId }: LeaseHolder,
  { record }: SettleParams,
  items: readonly SettledItem[],
): Promise<void> {
  const delivered = items.filter((item) => item.outcome === "upserted" || item.outcome === "removed");
  if (delivered.length === 0) return;
  await transaction.query(
    `INSERT INTO ${tables.delivered_records} AS known
      (scope_id, company_id, record_type, entity_id, revision, removed, content_hash, record)
    SELECT $1::int, $2, $3, entity_id, revision, record IS NULL, content_hash, record
    FROM unnest($4::bigint[], $5::bigint[], ${splitTexts("$6")}, ${splitTexts("$7")})
      delivered (entity_id, revision, content_hash, record)
    ORDER BY entity_id
    ON CONFLICT (scope_id, record_type, entity_id) DO UPDATE
    SET revision = excluded.revision, removed = excluded.removed, content_hash = excluded.content_hash,
      record = excluded.record, delivered_at = clock_timestamp()
    WHERE known.revision <= excluded.revision`,
    [
      scopeId,
      companyId,
      record,
      idArray(idsOf(delivered)),
      idArray(delivered.map((item) => item.revision)),
      joinTexts(delivered.map((item) => (item.outcome === "upserted" ? item.contentHash : null))),
      joinTexts(delivered.map((item) => (item.outcome === "upserted" ? item.record : null))),
    ],
  );
}

async function dropBatch(
  transaction: SqlTransaction,
  tables: Tables,
  { scopeId, companyId }: LeaseHolder,
  batchId: string,
): Promise<void> {
  await transaction.query(
    `DELETE FROM ${tables.stored_batches} WHERE scope_id = $1 AND company_id = $2 AND batch_id = $3`,
    [scopeId, companyId, batchId],
  );
}

const idsOf = (items: readonly SettledItem[]): string[] => items.map((item) => item.id);
