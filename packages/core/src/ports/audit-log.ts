import type { Page, PageRequest } from "./page.js";

export interface AuditEntry {
  /** Who did it: a principal's id, or `system`. */
  readonly actor: string;
  /** `noun:verb`, for instance `credential:create`. */
  readonly action: string;
  /** The id of what it was done to. */
  readonly subject: string;
  readonly companyId: string;
  readonly outcome: "success" | "failure" | "denied";
  /** The request it came with, where there was one. */
  readonly requestId?: string | null | undefined;
  /** Harmless details; secrets only ever masked. */
  readonly details: Readonly<Record<string, unknown>>;
}

export interface StoredAuditEntry extends AuditEntry {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

export interface AuditFilter {
  readonly companyId?: string | undefined;
  /** Only those of these companies; of none when there are none. */
  readonly companyIds?: readonly string[] | undefined;
}

/** What was done by whom. Append-only. */
export interface AuditLog {
  appendAudit(entry: AuditEntry): Promise<void>;
  /** Newest first. */
  listAudit(filter: AuditFilter, page: PageRequest): Promise<Page<StoredAuditEntry>>;
}
