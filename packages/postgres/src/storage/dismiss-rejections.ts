import type { DismissedRejection, DismissParams, TenantScope } from "@titan-sync/core";
import type { Database } from "../database/database.js";
import type { SqlTransaction } from "../database/sql-transaction.js";
import type { Tables } from "../database/tables.js";
import { appendAudit } from "./audit.js";

/** Ids in this storage's form; others belong to no rejection. */
const ownId = /^\d{1,18}$/;

/**
 * Closes rejections of one company, and records each: a rejection closed without a record would look lost.
 */
export async function dismissRejections(
  database: Database,
  { auditEntryOf, ...params }: DismissParams,
): Promise<readonly DismissedRejection[]> {
  const { tables } = database;
  return await database.transaction(async (transaction) => {
    const closed = await close(transaction, tables, params);
    for (const rejection of closed) {
      await appendAudit({ query: transaction.query, tables }, auditEntryOf(rejection));
    }
    return closed;
  });
}

async function close(
  { query }: SqlTransaction,
  tables: Tables,
  { companyId, credentialId, ids }: Omit<DismissParams, "auditEntryOf">,
): Promise<readonly DismissedRejection[]> {
  const { rows } = await query<Omit<DismissedRejection, "scope" | "rules"> & TenantScope & { rules: string }>(
    `WITH closed AS (
      DELETE FROM ${tables.rejections} WHERE rejection_id IN (
        SELECT rejection_id FROM ${tables.rejections}
        WHERE company_id = $1 AND rejection_id = ANY ($2::bigint[]) AND ($3::text IS NULL OR credential_id = $3)
        ORDER BY feed, entity_id, stage FOR UPDATE
      )
      RETURNING rejection_id, scope_id, company_id, feed, entity_id, stage, rules
    )
    SELECT closed.rejection_id::text AS id, closed.company_id AS "companyId", scope.environment::text AS environment,
      scope.tenant_id AS "tenantId", closed.feed::text AS feed, closed.entity_id AS "entityId", closed.stage,
      closed.rules::text AS rules
    FROM closed JOIN ${tables.tenant_scopes} scope ON scope.scope_id = closed.scope_id
    ORDER BY closed.rejection_id`,
    [companyId, ids.filter((id) => ownId.test(id)), credentialId ?? null],
  );
  return rows.map(({ companyId: company, environment, tenantId, rules, ...rejection }) => ({
    ...rejection,
    rules: JSON.parse(rules) as DismissedRejection["rules"],
    scope: { companyId: company, environment, tenantId },
  }));
}
