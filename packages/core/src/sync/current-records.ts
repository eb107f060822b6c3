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

/** The records as they were last delivered, whatever the sink. They hold customers' data. */
export interface CurrentRecords {
  /** Removed records are left out. Ordered by company, environment, tenant and id as numbers. */
  list(filter: RecordFilter, page: PageRequest): Promise<Page<ExportedRecord>>;
}

export function createCurrentRecords(store: Pick<Storage, "listRecords">): CurrentRecords {
  return { list: (filter, page) => store.listRecords(filter, page) };
}
