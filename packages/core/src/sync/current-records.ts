import type { ExportedRecord } from "../ports/delivery-store.js";
import type { Page, PageRequest } from "../ports/page.js";
import type { Storage } from "../ports/storage.js";

import type { Environment } from "../ports/tenant.js";
import type { RecordType } from "../records/record.js";

/** Which records to list. */
export interface RecordFilter {
  readonly record: RecordType;
  readonly companyId?: string | undefined;
  readonly environment?: Environment | undefined;
}

/** Records as they were last delivered, read from the storage and not from the sink. They contain customers' data. */
export interface CurrentRecords {
  /** Removed records are left out. Ordered by company, environment, tenant, and id as a number. */
  list(filter: RecordFilter, page: PageRequest): Promise<Page<ExportedRecord>>;
}

export function createCurrentRecords(store: Pick<Storage, "listRecords">): CurrentRecords {
  return { list: (filter, page) => store.listRecords(filter, page) };
}
