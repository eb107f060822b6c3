import type { AuditEntry, AuditFilter, AuditLog, StoredAuditEntry } from "../ports/audit-log.js";
import type { Page, PageRequest } from "../ports/page.js";

/** The audit log: who did what. It contains this library's entries and those that the host adds. */
export interface AuditTrail {
  /** Newest first. */
  list(filter: AuditFilter, page: PageRequest): Promise<Page<StoredAuditEntry>>;
  /** Adds an entry, which cannot be changed later. @throws {@link StorageError} when it cannot be stored. */
  append(entry: AuditEntry): Promise<void>;
}

export function createAuditTrail(log: AuditLog): AuditTrail {
  return {
    list: (filter, page) => log.listAudit(filter, page),
    append: (entry) => log.appendAudit(entry),
  };
}
