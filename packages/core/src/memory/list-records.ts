import { rowsWanted } from "../paging/page-cursor.js";
import { decodeRecordPlace, type RecordPlace, toRecordPage } from "../paging/record-place.js";
import type { ExportedRecord } from "../ports/delivery-store.js";
import type { Page, PageRequest } from "../ports/page.js";
import type { Storage } from "../ports/storage.js";
import type { RecordType } from "../records/record.js";
import { take } from "./paging.js";
import { compareScopes, type TenantData } from "./tenant-data.js";

/** A page of current records; `tenants` are in order. */
export function listRecords(
  tenants: readonly TenantData[],
  params: Parameters<Storage["listRecords"]>[0],
  page: PageRequest,
): Page<ExportedRecord> {
  const place = decodeRecordPlace(page);
  const listed = tenants.filter(
    ({ scope }) =>
      (params.companyId === undefined || scope.companyId === params.companyId) &&
      (params.environment === undefined || scope.environment === params.environment) &&
      (place === null || compareScopes(scope, place.scope) >= 0),
  );
  return toRecordPage(take(currentRecords(listed, params.record, place), rowsWanted(page)), page);
}

function* currentRecords(
  tenants: readonly TenantData[],
  record: RecordType,
  place: RecordPlace | null,
): Generator<ExportedRecord> {
  for (const tenant of tenants) {
    const isWithin = place !== null && compareScopes(tenant.scope, place.scope) === 0;
    const rows = tenant.delivered(record).currentAbove(isWithin ? place.id : null);
    for (const row of rows) yield { scope: tenant.scope, id: row.id, record: row.record };
  }
}
