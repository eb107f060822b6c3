import { decodeCursor } from "../paging/page-cursor.js";
import type { ExportedRecord } from "../ports/delivery-store.js";
import type { Page, PageRequest } from "../ports/page.js";
import type { Storage } from "../ports/storage.js";
import type { TenantScope } from "../ports/tenant.js";
import type { RecordType } from "../records/record.js";
import { takePage } from "./paging.js";
import { compareScopes, type TenantData } from "./tenant-data.js";

/** A page of current records; `tenants` are in order. */
export function listRecords(
  tenants: readonly TenantData[],
  params: Parameters<Storage["listRecords"]>[0],
  page: PageRequest,
): Page<ExportedRecord> {
  const place = decodePlace(page);
  const listed = tenants.filter(
    ({ scope }) =>
      (params.companyId === undefined || scope.companyId === params.companyId) &&
      (params.environment === undefined || scope.environment === params.environment) &&
      (place === null || compareScopes(scope, place.scope) >= 0),
  );
  return takePage("records", currentRecords(listed, params.record, place), page, ({ scope, id }) => [
    scope.companyId,
    scope.environment,
    scope.tenantId,
    id,
  ]);
}

interface Place {
  readonly scope: TenantScope;
  readonly id: string;
}

function* currentRecords(
  tenants: readonly TenantData[],
  record: RecordType,
  place: Place | null,
): Generator<ExportedRecord> {
  for (const tenant of tenants) {
    const isWithin = place !== null && compareScopes(tenant.scope, place.scope) === 0;
    const rows = tenant.delivered(record).currentAbove(isWithin ? place.id : null);
    for (const row of rows) yield { scope: tenant.scope, id: row.id, record: row.record };
  }
}

function decodePlace(page: PageRequest): Place | null {
  const [companyId, environment, tenantId, id] = decodeCursor("records", 4, page) ?? [];
  if (companyId === undefined || tenantId === undefined || id === undefined) return null;
  return {
    scope: { companyId, environment: environment === "production" ? environment : "integration", tenantId },
    id,
  };
}
