import type { DismissedRejection, DismissParams, TenantScope } from "@titan-sync/core";
import type { Statements } from "../database/connection.js";
import type { Database } from "../database/database.js";
import { addAuditEntry } from "./audit.js";

/** Ids in this storage's form; others belong to no rejection. */
const ownId = /^\d{1,18}$/;

/**
 * Closes rejections of one company, and records each: a rejection closed without a record would look lost.
 */
export async function dismissRejections(
  database: Database,
  { auditEntryOf, ...params }: DismissParams,
): Promise<readonly DismissedRejection[]> {
  return await database.transaction((transaction) => {
    const closed = findOwn(transaction, params);
    for (const rejection of closed) {
      transaction.run("DELETE FROM rejections WHERE rejection_id = ?1", rejection.id);
      addAuditEntry(transaction, auditEntryOf(rejection), database.now());
    }
    return closed;
  });
}

function findOwn(
  statements: Statements,
  { companyId, credentialId, ids }: Omit<DismissParams, "auditEntryOf">,
): readonly DismissedRejection[] {
  type Row = Omit<DismissedRejection, "scope" | "rules"> & TenantScope & { readonly rules: string };
  const rows = statements.all<Row>(
    `SELECT CAST(rejection.rejection_id AS TEXT) AS id, scope.company_id AS companyId, scope.environment,
      scope.tenant_id AS tenantId, rejection.feed, rejection.entity_id AS entityId, rejection.stage, rejection.rules
    FROM json_each(?2) wanted
    CROSS JOIN rejections rejection ON rejection.rejection_id = CAST(wanted.value AS INTEGER)
    CROSS JOIN tenant_scopes scope ON scope.scope_id = rejection.scope_id
    WHERE rejection.company_id = ?1 AND (?3 IS NULL OR rejection.credential_id = ?3)
    ORDER BY rejection.rejection_id`,
    companyId,
    JSON.stringify([...new Set(ids)].filter((id) => ownId.test(id))),
    credentialId ?? null,
  );
  return rows.map(({ companyId: company, environment, tenantId, rules, ...rejection }) => ({
    ...rejection,
    rules: JSON.parse(rules) as DismissedRejection["rules"],
    scope: { companyId: company, environment, tenantId },
  }));
}
