import type { Storage } from "@titan-sync/core";
import type { Database } from "../database/database.js";
import type { SqlTransaction } from "../database/sql-transaction.js";
import { fromEpochMs } from "../database/values.js";

/**
 * A credential's newest run stays until it is removed, and so does its last completed one; a tenant's newest stays
 * as long as anything else is kept of it.
 */
export async function pruneRuns(
  { query, tables }: Database,
  { before, limit, idleOnly }: Parameters<Storage["pruneRuns"]>[0],
): Promise<number> {
  const isNewer = "(newer.started_at, newer.run_number) > (run.started_at, run.run_number)";
  const ofCredential = `SELECT FROM ${tables.runs} newer WHERE newer.credential_id = run.credential_id AND ${isNewer}`;
  const ofTenant = [
    tables.entities,
    tables.work_items,
    tables.delivered_records,
    tables.stored_batches,
    tables.rejections,
  ];
  const hasData = ofTenant.map(
    (table) => `EXISTS (SELECT FROM ${table} kept WHERE kept.scope_id = run.scope_id)`,
  );
  const { rowCount } = await query(
    `DELETE FROM ${tables.runs} WHERE run_number IN (
      SELECT run.run_number FROM ${tables.runs} run
      WHERE run.completed_at < ${fromEpochMs("$1")} ${idleOnly ? "AND run.idle" : ""}
        AND (
          NOT EXISTS (SELECT FROM ${tables.credentials} held WHERE held.credential_id = run.credential_id)
          OR (EXISTS (${ofCredential})
            AND (run.status <> 'completed' OR EXISTS (${ofCredential} AND newer.status = 'completed')))
        )
        AND (
          EXISTS (SELECT FROM ${tables.runs} newer WHERE newer.scope_id = run.scope_id AND ${isNewer})
          OR NOT (${hasData.join(" OR ")})
        )
      ORDER BY run.completed_at LIMIT $2
    )`,
    [before, limit],
  );
  return rowCount;
}

/** What is rejected of a record can be derived again; a broken row is nowhere else. */
export async function pruneRejectionPayloads(
  { query, tables }: Database,
  { before, limit }: Parameters<Storage["pruneRejectionPayloads"]>[0],
): Promise<number> {
  const { rowCount } = await query(
    `UPDATE ${tables.rejections} SET payload = NULL WHERE rejection_id IN (
      SELECT rejection_id FROM ${tables.rejections}
      WHERE last_seen_at < ${fromEpochMs("$1")} AND stage <> 'structure' AND payload IS NOT NULL
      ORDER BY last_seen_at LIMIT $2 FOR UPDATE
    )`,
    [before, limit],
  );
  return rowCount;
}

export async function pruneAudit(
  { tables, transaction }: Database,
  { before, limit }: Parameters<Storage["pruneAudit"]>[0],
): Promise<number> {
  return await transaction(async (open: SqlTransaction) => {
    // The audit log is append-only, but for this.
    await open.query("SELECT set_config('titan_sync.pruning', 'on', true)");
    const { rowCount } = await open.query(
      `DELETE FROM ${tables.audit} WHERE entry_id IN (
        SELECT entry_id FROM ${tables.audit} WHERE at < ${fromEpochMs("$1")} ORDER BY at LIMIT $2
      )`,
      [before, limit],
    );
    return rowCount;
  });
}
