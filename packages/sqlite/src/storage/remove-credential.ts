import type { CredentialStore } from "@titan-sync/core";
import type { Statements } from "../database/connection.js";
import type { Database } from "../database/database.js";
import { finishRun } from "./finish-run.js";
import { forgetSeenOf } from "./forget-seen.js";
import { requireNoLiveLease } from "./live-lease.js";

/** Rows that one transaction deletes: few enough that nobody waits long for it. */
const rowsAtOnce = 5000;

interface Marked {
  readonly scopeId: number | null;
  readonly isRemoved: boolean;
  readonly ended: readonly number[];
}

/**
 * Removes a credential, with everything of its tenant if asked to. That goes in steps, and the credential last: until
 * then no run of it begins, and the next call goes on where one was cut off.
 */
export async function removeCredential(
  database: Database,
  { id, withData }: Parameters<CredentialStore["removeCredential"]>[0],
): Promise<boolean> {
  const marked = await database.transaction<Marked | null>((transaction) => {
    const now = database.now();
    requireNoLiveLease(transaction, id, now);
    const held = transaction.get<{ scopeId: number | null; removing: number }>(
      `SELECT scope.scope_id AS scopeId, credential.removing FROM credentials credential
      LEFT JOIN tenant_scopes scope ON scope.company_id = credential.company_id
        AND scope.environment = credential.environment AND scope.tenant_id = credential.tenant_id
      WHERE credential.credential_id = ?1`,
      id,
    );
    if (held === undefined) return null;
    const ended = endCurrentRuns(transaction, id, now);
    const goesInSteps = withData || held.removing === 1;
    if (goesInSteps) {
      transaction.run("DELETE FROM leases WHERE credential_id = ?1", id);
      transaction.run("DELETE FROM jobs WHERE credential_id = ?1", id);
      transaction.run("UPDATE credentials SET removing = 1 WHERE credential_id = ?1", id);
    } else transaction.run("DELETE FROM credentials WHERE credential_id = ?1", id);
    return { scopeId: held.scopeId, isRemoved: !goesInSteps, ended };
  });
  if (marked === null) return false;
  for (const runNumber of marked.ended) await forgetSeenOf(database, runNumber);
  if (marked.isRemoved) return true;
  await removeData(database, id, marked.scopeId);
  await database.transaction((transaction) =>
    transaction.run("DELETE FROM credentials WHERE credential_id = ?1 AND removing = 1", id),
  );
  return true;
}

/** Ends the paused or dead run, which can no longer be continued. */
function endCurrentRuns(statements: Statements, credentialId: string, now: number): readonly number[] {
  const rows = statements.all<{ runNumber: number }>(
    "SELECT run_number AS runNumber FROM runs WHERE credential_id = ?1 AND completed_at IS NULL",
    credentialId,
  );
  for (const { runNumber } of rows) {
    finishRun(statements, runNumber, "cancelled", { warnings: null, error: null, now });
  }
  return rows.map(({ runNumber }) => runNumber);
}

async function removeData(database: Database, credentialId: string, scopeId: number | null): Promise<void> {
  const runs = await database.read((statements) =>
    statements.all<{ runNumber: number }>(
      "SELECT run_number AS runNumber FROM runs WHERE credential_id = ?1 OR scope_id = ?2",
      credentialId,
      scopeId,
    ),
  );
  for (const { runNumber } of runs) await forgetSeenOf(database, runNumber);
  const steps = [
    // The one parameter is the tenant's number, here as well.
    `DELETE FROM entity_links WHERE (link_number, target_id, entity_id) IN (
      SELECT entity.link_number, entity.target_id, entity.entity_id
      FROM feed_links link CROSS JOIN entity_links entity ON entity.link_number = link.link_number
      WHERE link.scope_id = ?1 LIMIT ${rowsAtOnce}
    )`,
    "DELETE FROM feed_links WHERE scope_id = ?1",
    inSteps("entities", "entity_number"),
    inSteps("delivered_records", "record_number"),
    inSteps("stored_batches", "batch_number"),
    inSteps("rejections", "rejection_id"),
    inSteps("work_items", "record, feed, entity_id"),
    inSteps("cursors", "feed"),
  ];
  for (const text of steps) await repeat(database, (statements) => statements.run(text, scopeId));
  await database.transaction((transaction) =>
    transaction.run(
      `DELETE FROM leases WHERE run_number IN (
        SELECT run_number FROM runs WHERE credential_id = ?1 OR scope_id = ?2
      )`,
      credentialId,
      scopeId,
    ),
  );
  await database.transaction((transaction) =>
    transaction.run(
      `WITH RECURSIVE gone (run_id) AS (
        SELECT run_id FROM runs WHERE credential_id = ?1 OR scope_id = ?2
        UNION SELECT accepted.accepted_id FROM gone JOIN accepted_runs accepted ON accepted.run_id = gone.run_id
      )
      DELETE FROM accepted_runs WHERE run_id IN (SELECT run_id FROM gone)`,
      credentialId,
      scopeId,
    ),
  );
  await repeat(database, (statements) =>
    statements.run(
      `DELETE FROM runs WHERE run_number IN (
        SELECT run_number FROM runs WHERE credential_id = ?1 OR scope_id = ?2 LIMIT ${rowsAtOnce}
      )`,
      credentialId,
      scopeId,
    ),
  );
}

/** Deletes some of a tenant's rows. The one parameter is the tenant's number. */
function inSteps(table: string, key: string): string {
  return `DELETE FROM ${table} WHERE scope_id = ?1 AND (${key}) IN (
    SELECT ${key} FROM ${table} WHERE scope_id = ?1 LIMIT ${rowsAtOnce}
  )`;
}

async function repeat(database: Database, takeStep: (statements: Statements) => number): Promise<void> {
  for (let taken = 1; taken > 0; ) {
    taken = await database.transaction((transaction) => takeStep(transaction));
  }
}
