import type { CredentialStore } from "@titan-sync/core";
import type { Database } from "../database/database.js";
import type { SqlTransaction } from "../database/sql-transaction.js";
import type { Tables } from "../database/tables.js";
import { asNumber } from "../database/values.js";
import { finishRun } from "./finish-run.js";
import { requireNoLiveOwner } from "./live-owner.js";

/** Removes a credential, with everything of its tenant if asked to. */
export async function removeCredential(
  database: Database,
  { id, withData }: Parameters<CredentialStore["removeCredential"]>[0],
): Promise<boolean> {
  const { tables } = database;
  await requireNoLiveOwner(database, tables, { credentialId: id });
  return await database.transaction(async (transaction) => {
    // The credential before its lease, as whoever begins a run does. Then nobody can take the lease, and no
    // writer that had it is still writing.
    await transaction.query(`SELECT FROM ${tables.credentials} WHERE credential_id = $1 FOR UPDATE`, [id]);
    await transaction.query(`SELECT FROM ${tables.leases} WHERE credential_id = $1 FOR UPDATE`, [id]);
    await requireNoLiveOwner(transaction, tables, { credentialId: id });
    const { rows } = await transaction.query<{ scopeId: number | null }>(
      `WITH removed AS (
        DELETE FROM ${tables.credentials} WHERE credential_id = $1 RETURNING company_id, environment, tenant_id
      )
      SELECT scope_id AS "scopeId" FROM removed
      LEFT JOIN ${tables.tenant_scopes} scope USING (company_id, environment, tenant_id)`,
      [id],
    );
    const [removed] = rows;
    if (removed === undefined) return false;
    if (withData) await removeData(transaction, tables, id, removed.scopeId);
    else await cancelRun(transaction, tables, id);
    return true;
  });
}

/** Ends the run that was to be continued: nobody can any more. */
async function cancelRun(transaction: SqlTransaction, tables: Tables, credentialId: string): Promise<void> {
  const { rows } = await transaction.query<{ runNumber: number }>(
    `SELECT ${asNumber("run_number")} AS "runNumber" FROM ${tables.runs}
    WHERE credential_id = $1 AND status IN ('queued', 'running', 'paused')`,
    [credentialId],
  );
  for (const { runNumber } of rows) await finishRun(transaction, tables, runNumber, "cancelled", null, null);
}

async function removeData(
  transaction: SqlTransaction,
  tables: Tables,
  credentialId: string,
  scopeId: number | null,
): Promise<void> {
  const ofTenant = [
    tables.entities,
    tables.cursors,
    tables.work_items,
    tables.delivered_records,
    tables.stored_batches,
    tables.rejections,
  ];
  for (const table of ofTenant)
    await transaction.query(`DELETE FROM ${table} WHERE scope_id = $1`, [scopeId]);
  const runs = `SELECT run_number FROM ${tables.runs} WHERE credential_id = $1 OR scope_id = $2`;
  await transaction.query(
    `DELETE FROM ${tables.leases} WHERE credential_id = $1 OR run_number IN (${runs})`,
    [credentialId, scopeId],
  );
  await transaction.query(`DELETE FROM ${tables.runs} WHERE credential_id = $1 OR scope_id = $2`, [
    credentialId,
    scopeId,
  ]);
}
