import type { SettledItem, Settlement, SettleParams } from "@titan-sync/core";
import { clearsRejections, staysPending } from "@titan-sync/core/support";
import type { Statements } from "../database/connection.js";
import type { Database } from "../database/database.js";
import { dropBatch } from "./batches.js";
import { addRecordFigures } from "./figures.js";
import { type LeaseHolder, requireLease } from "./lease-holder.js";
import { clearRejections, keepRejections } from "./rejections-write.js";
import { setExpiry } from "./run-lease.js";

/** A waiting sink may block others only for a fraction of a lease, so that no heartbeat is too late. */
const shareOfLease = 1 / 3;

/** Stores the outcome of claimed keys, in one transaction with a sink that shares the database. */
export async function settleKeys(
  database: Database,
  params: SettleParams,
  writeInTimeoutMs: number,
): Promise<void> {
  const { lease, scope, settlement: given } = params;
  await database.transaction((transaction) => {
    const holder = requireLease(transaction, lease, scope, database.now());
    if (typeof given !== "function")
      return storeSettlement(transaction, holder, params, given, database.now());
    transaction.limitTo(Math.min(writeInTimeoutMs, Math.floor(holder.leaseMs * shareOfLease)));
    const settle = async (): Promise<void> => {
      const settlement = await given(transaction, transaction.attempt);
      const now = database.now();
      // Its own heartbeat has waited for this transaction. An owner that was suspended until the lease
      // expired has lost it.
      setExpiry(transaction, lease, now, { leaseMs: null, expiresAt: now + holder.leaseMs });
      storeSettlement(transaction, holder, params, settlement, now);
    };
    return settle();
  });
}

function storeSettlement(
  statements: Statements,
  holder: LeaseHolder,
  { lease, record, feed, batchId }: SettleParams,
  { items, figures }: Settlement,
  now: number,
): void {
  for (const item of items) {
    // A key that stays pending also stays claimed by its owner, who would otherwise claim it again at once.
    if (!staysPending(item)) takeOff(statements, holder, { record, feed }, item);
    storeDelivered(statements, holder, record, item, now);
  }
  const good = items.filter(clearsRejections).map((item) => item.id);
  clearRejections(statements, holder, feed, ["record", "sink"], good);
  const rejections = items.flatMap((item) => (item.outcome === "rejected" ? [item.rejection] : []));
  keepRejections(statements, holder, lease, rejections, now);
  if (batchId !== null) dropBatch(statements, holder.scopeId, batchId);
  addRecordFigures(statements, holder, record, figures, now);
}

/** Removes a key that was not enqueued again since it was read, and releases it otherwise. */
function takeOff(
  statements: Statements,
  { scopeId }: LeaseHolder,
  { record, feed }: Pick<SettleParams, "record" | "feed">,
  { id, sequence }: SettledItem,
): void {
  const isSame = "scope_id = ?1 AND record = ?2 AND feed = ?3 AND entity_id = ?4";
  const taken = statements.run(
    `DELETE FROM work_items WHERE ${isSame} AND sequence = ?5`,
    scopeId,
    record,
    feed,
    id,
    sequence,
  );
  if (taken > 0) return;
  statements.run(`UPDATE work_items SET claimed_fence = NULL WHERE ${isSame}`, scopeId, record, feed, id);
}

/** Stores what was delivered. An older revision never replaces a newer one. */
function storeDelivered(
  statements: Statements,
  { scopeId }: LeaseHolder,
  record: SettleParams["record"],
  item: SettledItem,
  now: number,
): void {
  if (item.outcome !== "upserted" && item.outcome !== "removed") return;
  const isRemoved = item.outcome === "removed";
  statements.run(
    `INSERT INTO delivered_records AS known
      (scope_id, record_type, entity_id, revision, removed, content_hash, record, delivered_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
    ON CONFLICT (scope_id, record_type, entity_id) DO UPDATE
    SET revision = excluded.revision, removed = excluded.removed, content_hash = excluded.content_hash,
      record = excluded.record, delivered_at = excluded.delivered_at
    WHERE known.revision <= excluded.revision`,
    scopeId,
    record,
    item.id,
    item.revision,
    isRemoved,
    isRemoved ? null : item.contentHash,
    isRemoved ? null : item.record,
    now,
  );
}
