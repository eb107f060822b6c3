import type { Storage } from "@titan-sync/core";
import type { Database } from "../database/database.js";

/**
 * A credential's newest run stays until it is removed, and so does its last completed one; a tenant's newest stays
 * as long as anything else is kept of it.
 */
export async function pruneRuns(
  database: Database,
  { before, limit, idleOnly }: Parameters<Storage["pruneRuns"]>[0],
): Promise<number> {
  const isNewer = "(newer.started_at, newer.run_number) > (run.started_at, run.run_number)";
  const ofCredential = `SELECT 1 FROM runs newer INDEXED BY runs_by_credential
    WHERE newer.credential_id = run.credential_id AND ${isNewer}`;
  const ofTenant = ["entities", "work_items", "delivered_records", "stored_batches", "rejections"];
  const hasData = ofTenant.map(
    (table) => `EXISTS (SELECT 1 FROM ${table} kept WHERE kept.scope_id = run.scope_id)`,
  );
  return await database.transaction((transaction) =>
    transaction.run(
      `DELETE FROM runs WHERE run_number IN (
      SELECT run.run_number FROM runs run INDEXED BY ${idleOnly ? "runs_idle" : "runs_by_end"}
      WHERE run.completed_at < ?1 ${idleOnly ? "AND run.idle = 1" : ""}
        AND (
          NOT EXISTS (SELECT 1 FROM credentials held WHERE held.credential_id = run.credential_id)
          OR (EXISTS (${ofCredential})
            AND (run.status <> 'completed' OR EXISTS (${ofCredential} AND newer.status = 'completed')))
        )
        AND (
          EXISTS (
            SELECT 1 FROM runs newer INDEXED BY runs_by_scope WHERE newer.scope_id = run.scope_id AND ${isNewer}
          )
          OR NOT (${hasData.join(" OR ")})
        )
      ORDER BY run.completed_at LIMIT ?2
    )`,
      before,
      limit,
    ),
  );
}

/** What is rejected of a record can be derived again; a broken row is nowhere else. */
export async function pruneRejectionPayloads(
  database: Database,
  { before, limit }: Parameters<Storage["pruneRejectionPayloads"]>[0],
): Promise<number> {
  return await database.transaction((transaction) =>
    transaction.run(
      `UPDATE rejections SET payload = NULL WHERE rejection_id IN (
      SELECT rejection_id FROM rejections INDEXED BY rejections_by_time
      WHERE last_seen_at < ?1 AND stage <> 'structure' AND payload IS NOT NULL ORDER BY last_seen_at LIMIT ?2
    )`,
      before,
      limit,
    ),
  );
}

export async function pruneAudit(
  database: Database,
  { before, limit }: Parameters<Storage["pruneAudit"]>[0],
): Promise<number> {
  return await database.transaction((transaction) => {
    // The audit log is append-only, but for this.
    transaction.run("INSERT INTO audit_pruning (before) VALUES (?1)", before);
    const pruned = transaction.run(
      `DELETE FROM audit WHERE entry_id IN (
        SELECT entry_id FROM audit INDEXED BY audit_by_time WHERE at < ?1 ORDER BY at LIMIT ?2
      )`,
      before,
      limit,
    );
    transaction.run("DELETE FROM audit_pruning");
    return pruned;
  });
}
