import type { FeedName, RecordType, Storage } from "@titan-sync/core";
import type { Statements } from "../database/connection.js";
import type { Database } from "../database/database.js";
import { requireLease } from "./lease-holder.js";
import { wasSeen } from "./seen.js";
import { takeNumbers } from "./series.js";

export interface PendingKey {
  readonly record: RecordType;
  readonly feed: FeedName;
  readonly id: string;
}

/** Lists keys. One that is listed already gets a new sequence, stays claimed, and expands again. */
export function enqueueIds(statements: Statements, scopeId: number, keys: readonly PendingKey[]): void {
  if (keys.length === 0) return;
  let sequence = takeNumbers(statements, "sequence", keys.length);
  for (const { record, feed, id } of keys) {
    statements.run(
      `INSERT INTO work_items (scope_id, record, feed, entity_id, sequence) VALUES (?1, ?2, ?3, ?4, ?5)
      ON CONFLICT (scope_id, record, feed, entity_id) DO UPDATE
      SET sequence = excluded.sequence, expanded_to = NULL`,
      scopeId,
      record,
      feed,
      id,
      sequence,
    );
    sequence += 1;
  }
}

/** Lists entities by id. */
export async function requeueKeys(
  database: Database,
  { lease, scope, record, feed, ids }: Parameters<Storage["requeueKeys"]>[0],
): Promise<void> {
  await database.transaction((transaction) => {
    const { scopeId } = requireLease(transaction, lease, scope, database.now());
    enqueueIds(
      transaction,
      scopeId,
      [...new Set(ids)].map((id) => ({ record, feed, id })),
    );
  });
}

/** Lists landed entities by id, some at a time. */
export async function enqueueKeys(
  database: Database,
  { lease, scope, record, feed, after, limit, seenOnly }: Parameters<Storage["enqueueKeys"]>[0],
): Promise<string | null> {
  return await database.transaction((transaction) => {
    const { scopeId, runNumber } = requireLease(transaction, lease, scope, database.now());
    const values = [scopeId, feed, after ?? "-1", limit] as const;
    const text = `SELECT CAST(entity.entity_id AS TEXT) AS id FROM entities entity INDEXED BY entities_by_id
      WHERE entity.scope_id = ?1 AND entity.feed = ?2 AND entity.entity_id > ?3
        ${seenOnly ? `AND ${wasSeen("entity", "?5", "?2")}` : ""}
      ORDER BY entity.entity_id LIMIT ?4`;
    const rows = seenOnly
      ? transaction.all<{ id: string }>(text, ...values, runNumber)
      : transaction.all<{ id: string }>(text, ...values);
    enqueueIds(
      transaction,
      scopeId,
      rows.map(({ id }) => ({ record, feed, id })),
    );
    return rows.at(-1)?.id ?? null;
  });
}
