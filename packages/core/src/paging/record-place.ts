import { ValidationError } from "../errors.js";
import { isEntityId } from "../feeds/entity-id.js";
import type { ExportedRecord } from "../ports/delivery-store.js";
import type { Page, PageRequest } from "../ports/page.js";
import type { TenantScope } from "../ports/tenant.js";
import { decodeCursor, toPage } from "./page-cursor.js";

/** Where a list of records continues: behind this id of this tenant. */
export interface RecordPlace {
  readonly scope: TenantScope;
  readonly id: string;
}

/** @throws `ValidationError` for a cursor of another list. */
export function decodeRecordPlace(page: PageRequest): RecordPlace | null {
  const [companyId, environment, tenantId, id] = decodeCursor("records", 4, page) ?? [];
  if (companyId === undefined || tenantId === undefined || id === undefined) return null;
  if (!isEntityId(id)) throw new ValidationError("Invalid cursor: it is not one that this list returned.");
  return {
    scope: { companyId, environment: environment === "production" ? environment : "integration", tenantId },
    id,
  };
}

/** Cuts the records that were asked for into a page. */
export function toRecordPage(records: readonly ExportedRecord[], page: PageRequest): Page<ExportedRecord> {
  return toPage("records", records, page, {
    item: (record) => record,
    place: ({ scope, id }) => [scope.companyId, scope.environment, scope.tenantId, id],
  });
}
