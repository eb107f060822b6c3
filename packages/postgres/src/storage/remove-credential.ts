import type { CredentialStore } from "@titan-sync/core";
import type { Database } from "../database/database.js";
import type { SqlTransaction } from "../database/sql-transaction.js";
import type { Tables } from "../database/tables.js";
import { asNumber } from "../database/values.js";
import { finishRun, storeEnd } from "./finish-run.js";
import { requireNoLiveLease } from "./live-lease.js";

/** Rows that one transaction deletes: few enough that nobody waits long for it. */
const rowsAtOnce = 5000;

/**
 * Removes a credential, with everything of its tenant if asked to. That goes in steps, and the credential last: until
 * then no run of it begins, and the next call continues where one was cut off.
 */
export async function removeCredential(
  database: Database,
  { id, withData }: Parameters<CredentialStore["removeCredential"]>[0],
): Promise<boolean> {
  const { tables } = database;
  await requireNoLiveLease(database, tables, { credentialId: id });
  const marked = await database.transaction(async (transaction) => {
    const held = await holdCredential(transaction, tables, id);
    if (held === null) return null;
    if (withData || held.isRemoving) await mark(transaction, tables, id);
    else {
      for (const run of await currentRuns(transaction, tables, id)) {
        await finishRun(transaction, tables, run, "cancelled", null, null);
      }
      await transaction.query(`DELETE FROM ${tables.credentials} WHERE credential_id = $1`, [id]);
    }
    return { scopeId: held.scopeId, isRemoved: !withData && !held.isRemoving };
  });
  if (marked === null) return false;
  if (marked.isRemoved) return true;
  await removeData(database, id, marked.scopeId);
  await database.query(`DELETE FROM ${tables.credentials} WHERE credential_id = $1 AND removing`, [id]);
  return true;
}

/** @returns `null` when there is none. */
async function holdCredential(
  transaction: SqlTransaction,
  tables: Tables,
  id: string,
): Promise<{ readonly scopeId: number | null; readonly isRemoving: boolean } | null> {
  // The credential before its lease, in the same order as when a run starts. Then nobody can take the
  // lease, and no
  // writer that had it is still writing.
  await transaction.query(`SELECT FROM ${tables.credentials} WHERE credential_id = $1 FOR UPDATE`, [id]);
  await transaction.query(`SELECT FROM ${tables.leases} WHERE credential_id = $1 FOR UPDATE`, [id]);
  await requireNoLiveLease(transaction, tables, { credentialId: id });
  const { rows } = await transaction.query<{ scopeId: number | null; isRemoving: boolean }>(
    `SELECT scope_id AS "scopeId", removing AS "isRemoving" FROM ${tables.credentials}
    LEFT JOIN ${tables.tenant_scopes} scope USING (company_id, environment, tenant_id) WHERE credential_id = $1`,
    [id],
  );
  return rows[0] ?? null;
}

/** From here on nobody can start, continue or execute a run of this credential. */
async function mark(transaction: SqlTransaction, tables: Tables, id: string): Promise<void> {
  for (const run of await currentRuns(transaction, tables, id)) {
    await storeEnd(transaction, tables, run, "cancelled", null, null);
  }
  await transaction.query(`DELETE FROM ${tables.leases} WHERE credential_id = $1`, [id]);
  await transaction.query(`UPDATE ${tables.credentials} SET removing = true WHERE credential_id = $1`, [id]);
}

/** The paused or dead run, which can no longer be continued. */
async function currentRuns(
  transaction: SqlTransaction,
  tables: Tables,
  credentialId: string,
): Promise<readonly number[]> {
  const { rows } = await transaction.query<{ runNumber: number }>(
    `SELECT ${asNumber("run_number")} AS "runNumber" FROM ${tables.runs}
    WHERE credential_id = $1 AND status IN ('queued', 'running', 'paused')`,
    [credentialId],
  );
  return rows.map(({ runNumber }) => runNumber);
}

async function removeData(database: Database, credentialId: string, scopeId: number | null): Promise<void> {
  const { query, tables } = database;
  const ofRuns = "credential_id = $1 OR scope_id = $2";
  const owner = [credentialId, scopeId];
  const numbers = `run_number IN (SELECT run_number FROM ${tables.runs} WHERE ${ofRuns})`;
  await inSteps(database, tables.seen_entities, numbers, owner);
  const ofTenant = [
    tables.entities,
    tables.cursors,
    tables.work_items,
    tables.delivered_records,
    tables.stored_batches,
    tables.rejections,
  ];
  for (const table of ofTenant) await inSteps(database, table, "scope_id = $1", [scopeId]);
  await query(`DELETE FROM ${tables.leases} WHERE ${numbers}`, owner);
  await query(
    `WITH RECURSIVE gone (run_id) AS (
      SELECT run_id FROM ${tables.runs} WHERE ${ofRuns}
      UNION SELECT accepted.accepted_id FROM gone
      JOIN ${tables.accepted_runs} accepted ON accepted.run_id = gone.run_id
    )
    DELETE FROM ${tables.accepted_runs} WHERE run_id IN (SELECT run_id FROM gone)`,
    owner,
  );
  await inSteps(database, tables.runs, ofRuns, owner);
}

async function inSteps(
  { query }: Database,
  table: string,
  condition: string,
  values: readonly unknown[],
): Promise<void> {
  for (let taken = 1; taken > 0; ) {
    const { rowCount } = await query(
      `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM ${table} WHERE ${condition} LIMIT ${rowsAtOnce}
      ))`,
      [...values],
    );
    taken = rowCount;
  }
}
