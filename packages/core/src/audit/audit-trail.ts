import type { AuditEntry, AuditFilter, AuditLog, StoredAuditEntry } from "../ports/audit-log.js";
import type { Page, PageRequest } from "../ports/page.js";

/** What was done by whom: what this library has noted, and what the host adds. */
export interface AuditTrail {
  /** Newest first. */
  list(filter: AuditFilter, page: PageRequest): Promise<Page<StoredAuditEntry>>;
  /** Adds an entry, for good. @throws {@link StorageError} when it cannot be stored. */
  append(entry: AuditEntry): Promise<void>;
}

export function createAuditTrail(log: AuditLog): AuditTrail {
  return {
    list: (filter, page) => log.listAudit(filter, page),
    append: (entry) => log.appendAudit(entry),
  };
}
