import type { ExportedRecord, Page, PageRequest, Storage, TenantScope } from "@titan-sync/core";
import {
  decodeRecordPlace,
  isSameScope,
  type RecordPlace,
  rowsWanted,
  toRecordPage,
} from "@titan-sync/core/support";
import { Conditions } from "../database/conditions.js";
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
  const found: ExportedRecord[] = [];
  let start = decodeRecordPlace(page);
  while (found.length < wanted) {
    const tenant = await nextTenant(database, params, start);
    if (tenant === null) break;
    const after = start !== null && isSameScope(tenant.scope, start.scope) ? start.id : "-1";
    const rows = await recordsOf(database, params, tenant, after, wanted - found.length);
    found.push(...rows);
    start = { scope: tenant.scope, id: rows.at(-1)?.id ?? after };
  }
  return toRecordPage(found, page);
}

/** The first tenant, from the start on, that has a record to list. */
async function nextTenant(
  { query, tables }: Database,
  { record, companyId, environment }: ListParams,
  start: RecordPlace | null,
): Promise<Tenant | null> {
  const conditions = new Conditions([record])
    .add(companyId, (value) => `scope.company_id = ${value}`)
    .add(environment, (value) => `scope.environment = ${value}`);
  const hasRecords = (after: string): string => `EXISTS (
    SELECT FROM ${tables.delivered_records} delivered
    WHERE delivered.record_type = $1 AND delivered.scope_id = scope.scope_id
      AND delivered.company_id = scope.company_id AND NOT delivered.removed AND delivered.entity_id > ${after}
  )`;
  // Tenant ids are digits: the shorter one is the smaller.
  const order = "scope.company_id, scope.environment::text, length(scope.tenant_id), scope.tenant_id";
  if (start === null) conditions.addAll([], () => hasRecords("-1"));
  else {
    const { scope } = start;
    conditions.addAll(
      [scope.companyId, scope.environment, scope.tenantId, start.id],
      (company, world, tenant, id) => `(
        (${order}) > (${company}, ${world}, length(${tenant}), ${tenant}) AND ${hasRecords("-1")}
        OR (${order}) = (${company}, ${world}, length(${tenant}), ${tenant}) AND ${hasRecords(`${id}::bigint`)}
      )`,
    );
  }
  const { rows } = await query<TenantScope & { readonly scopeId: number }>(
    `SELECT scope_id AS "scopeId", company_id AS "companyId", environment::text AS environment,
      tenant_id AS "tenantId"
    FROM ${tables.tenant_scopes} scope${conditions.where} ORDER BY ${order} LIMIT 1`,
    conditions.values,
  );
  if (rows[0] === undefined) return null;
  const { scopeId, ...scope } = rows[0];
  return { scopeId, scope };
}

async function recordsOf(
  { query, tables }: Database,
  { record }: ListParams,
  { scopeId, scope }: Tenant,
  after: string,
  limit: number,
): Promise<readonly ExportedRecord[]> {
  const { rows } = await query<{ id: string; record: string }>(
    `SELECT entity_id::text AS id, record FROM ${tables.delivered_records} delivered
    WHERE record_type = $1 AND scope_id = $2 AND company_id = $3 AND NOT removed AND entity_id > $4::bigint
    ORDER BY delivered.entity_id LIMIT $5`,
    [record, scopeId, scope.companyId, after, limit],
  );
  return rows.map((row) => ({ scope, ...row }));
}
