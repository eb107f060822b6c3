import { AbortedError, type PrunedCounts, type PruneLimits } from "@titan-sync/core";
import type { Statements } from "../database/connection.js";
import type { Database } from "../database/database.js";
import { endAbandoned } from "./end-abandoned.js";

/** Rows that one transaction takes away: few enough that nobody waits long for it. */
const step = 1000;

/** Takes away history that is older than it is to be kept. @throws {@link AbortedError} between steps. */
export async function prune(
  database: Database,
  before: PruneLimits,
  signal?: AbortSignal,
): Promise<PrunedCounts> {
  const inSteps = async (
    time: number | undefined,
    takeStep: (statements: Statements, time: number) => number,
  ): Promise<number> => {
    if (time === undefined) return 0;
    for (let total = 0; ; ) {
      if (signal?.aborted === true) throw new AbortedError("The work was stopped.");
      const taken = await database.transaction((transaction) => takeStep(transaction, time));
      total += taken;
      if (taken < step) return total;
    }
  };
  const pauses = before.pauses === undefined ? 0 : await endAbandoned(database, before.pauses, signal);
  const old = await inSteps(before.runs, (statements, time) => pruneRuns(statements, time, false));
  const idle = await inSteps(before.idleRuns, (statements, time) => pruneRuns(statements, time, true));
  const rejections = await inSteps(before.rejections, prunePayloads);
  const audit = await inSteps(before.audit, pruneAudit);
  return { runs: old + idle, pauses, rejections, audit };
}

/**
 * A credential's newest run stays until it is removed, and so does its last completed one; a tenant's newest stays
 * as long as anything else is kept of it.
 */
function pruneRuns(statements: Statements, time: number, onlyIdle: boolean): number {
  const isNewer = "(newer.started_at, newer.run_number) > (run.started_at, run.run_number)";
  const ofCredential = `SELECT 1 FROM runs newer INDEXED BY runs_by_credential
    WHERE newer.credential_id = run.credential_id AND ${isNewer}`;
  const ofTenant = ["entities", "work_items", "delivered_records", "stored_batches", "rejections"];
  const hasData = ofTenant.map(
    (table) => `EXISTS (SELECT 1 FROM ${table} kept WHERE kept.scope_id = run.scope_id)`,
  );
  return statements.run(
    `DELETE FROM runs WHERE run_number IN (
      SELECT run.run_number FROM runs run INDEXED BY ${onlyIdle ? "runs_idle" : "runs_by_end"}
      WHERE run.completed_at < ?1 ${onlyIdle ? "AND run.idle = 1" : ""}
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
      ORDER BY run.completed_at LIMIT ${step}
    )`,
    time,
  );
}

/** What is rejected of a record can be derived again; a broken row is nowhere else. */
function prunePayloads(statements: Statements, time: number): number {
  return statements.run(
    `UPDATE rejections SET payload = NULL WHERE rejection_id IN (
      SELECT rejection_id FROM rejections INDEXED BY rejections_by_time
      WHERE last_seen_at < ?1 AND stage <> 'structure' AND payload IS NOT NULL ORDER BY last_seen_at LIMIT ${step}
    )`,
    time,
  );
}

function pruneAudit(statements: Statements, time: number): number {
  // The audit log is append-only, but for this.
  statements.run("INSERT INTO audit_pruning (before) VALUES (?1)", time);
  const pruned = statements.run(
    `DELETE FROM audit WHERE entry_id IN (
      SELECT entry_id FROM audit INDEXED BY audit_by_time WHERE at < ?1 ORDER BY at LIMIT ${step}
    )`,
    time,
  );
  statements.run("DELETE FROM audit_pruning");
  return pruned;
}
