import type { ExportedRecord, Page, PageRequest, Storage, TenantScope } from "@titan-sync/core";
import { decodeRecordPlace, isSameScope, rowsWanted, toRecordPage } from "@titan-sync/core/support";

import { Conditions } from "../database/conditions.js";
import type { Statements } from "../database/connection.js";
import type { Database } from "../database/database.js";

type ListParams = Parameters<Storage["listRecords"]>[0];

interface Tenant {
  readonly scopeId: number;
  readonly scope: TenantScope;
}

/** What was last delivered, by company, environment, tenant and id. */
export async function listRecords(
  database: Database,
  params: ListParams,
  page: PageRequest,
): Promise<Page<ExportedRecord>> {
  const wanted = rowsWanted(page);
  const start = decodeRecordPlace(page);
  const found = await database.read((statements) => {
    const records: ExportedRecord[] = [];
    let from = start?.scope ?? null;
    let after = start?.id ?? "-1";
    while (records.length < wanted) {
      const tenant = nextTenant(statements, params, from, records.length === 0 && after !== "-1");
      if (tenant === null) break;
      if (from === null || !isSameScope(tenant.scope, from)) after = "-1";
      records.push(...recordsOf(statements, params, tenant, after, wanted - records.length));
      from = tenant.scope;
      after = "-1";
    }
    return records;
  });
  return toRecordPage(found, page);
}

/** The first tenant that there is behind `from`, or from it on. Tenant ids are digits: the shorter one is the smaller. */
function nextTenant(
  statements: Statements,
  { companyId, environment }: ListParams,
  from: TenantScope | null,
  inclusive: boolean,
): Tenant | null {
  const order = "scope.company_id, scope.environment, length(scope.tenant_id), scope.tenant_id";
  const conditions = new Conditions()
    .add(companyId, (value) => `scope.company_id = ${value}`)
    .add(environment, (value) => `scope.environment = ${value}`)
    .addAll(
      from === null ? null : [from.companyId, from.environment, from.tenantId],
      (company, world, tenant) =>
        `(${order}) ${inclusive ? ">=" : ">"} (${company}, ${world}, length(${tenant}), ${tenant})`,
    );
  const row = statements.get<TenantScope & { readonly scopeId: number }>(
    `SELECT scope.scope_id AS scopeId, scope.company_id AS companyId, scope.environment, scope.tenant_id AS tenantId
    FROM tenant_scopes scope${conditions.where} ORDER BY ${order} LIMIT 1`,
    ...conditions.values,
  );
  if (row === undefined) return null;
  const { scopeId, ...scope } = row;
  return { scopeId, scope };
}

function recordsOf(
  statements: Statements,
  { record }: ListParams,
  { scopeId, scope }: Tenant,
  after: string,
  limit: number,
): readonly ExportedRecord[] {
  const rows = statements.all<{ id: string; record: string }>(
    `SELECT CAST(delivered.entity_id AS TEXT) AS id, delivered.record
    FROM delivered_records delivered INDEXED BY delivered_records_current
    WHERE delivered.scope_id = ?1 AND delivered.record_type = ?2 AND delivered.removed = 0
      AND delivered.entity_id > ?3
    ORDER BY delivered.entity_id LIMIT ?4`,
    scopeId,
    record,
    after,
    limit,
  );
  return rows.map((row) => ({ scope, ...row }));
}
