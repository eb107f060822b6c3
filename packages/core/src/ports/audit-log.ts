import type { Page, PageRequest } from "./page.js";

export interface AuditEntry {
  /** Who acted: a principal's id, or `system`. */
  readonly actor: string;
  /** `noun:verb`, for instance `credential:create`. */
  readonly action: string;
  /** The id of the affected object. */
  readonly subject: string;
  readonly companyId: string;
  readonly outcome: "success" | "failure" | "denied";
  /** The id of the request that caused it, if there was one. */
  readonly requestId?: string | null | undefined;
  /** Details without personal data; secrets appear only masked. */
  readonly details: Readonly<Record<string, unknown>>;
}

export interface StoredAuditEntry extends AuditEntry {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

export interface AuditFilter {
  readonly companyId?: string | undefined;
  /** Filters by these companies; an empty list matches nothing. */
  readonly companyIds?: readonly string[] | undefined;
}

/** Who did what. Append-only. */
export interface AuditLog {
  appendAudit(entry: AuditEntry): Promise<void>;
  /** Newest first. */
  listAudit(filter: AuditFilter, page: PageRequest): Promise<Page<StoredAuditEntry>>;
}
