import type { FeedName } from "../feeds/feed.js";
import type { AuditEntry } from "./audit-log.js";
import type { Page, PageRequest } from "./page.js";
import type { TenantScope } from "./tenant.js";

export type RejectionStage = "structure" | "record" | "sink";

/** Why an entity was not landed, or its record not delivered. One is kept per entity and stage. */
export interface NewRejection {
  readonly feed: FeedName;
  readonly entityId: string;
  readonly stage: RejectionStage;
  readonly rules: readonly string[];
  /** Names fields, never values. */
  readonly message: string;
  /** The row as it came, as JSON text. */
  readonly payload: string | null;
}

export interface StoredRejection extends NewRejection {
  readonly id: string;
  readonly scope: TenantScope;
  readonly runId: string;
  /** Epoch milliseconds. */
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
  readonly timesSeen: number;
}

export interface RejectionFilter {
  readonly companyId?: string | undefined;
  readonly credentialId?: string | undefined;
  readonly feed?: FeedName | undefined;
  readonly stage?: RejectionStage | undefined;
}

/** Rejections of one feed and stage that break the same rules. */
export interface RejectionCount extends Pick<NewRejection, "feed" | "stage" | "rules"> {
  readonly count: number;
}

/** A rejection that somebody closed, without its payload. */
export type DismissedRejection = Pick<
  StoredRejection,
  "id" | "scope" | "feed" | "entityId" | "stage" | "rules"
>;

export interface DismissParams {
  readonly companyId: string;
  /** Only those of this credential. */
  readonly credentialId?: string | undefined;
  readonly ids: readonly string[];
  /** What is noted in the audit log for one that was closed. */
  readonly auditEntryOf: (closed: DismissedRejection) => AuditEntry;
}

/**
 * What could not be used, and why. {@link LandingStore.landRows} and {@link DeliveryStore.settleKeys} keep and clear
 * rejections.
 */
export interface RejectionStore {
  /** Ordered by when they were last seen, newest first. */
  listRejections(filter: RejectionFilter, page: PageRequest): Promise<Page<StoredRejection>>;
  /** How many rejections there are for each reason, the most frequent first. */
  countRejections(filter: RejectionFilter): Promise<readonly RejectionCount[]>;
  /**
   * Closes rejections because somebody decided so: their rows and payloads go. One whose row is rejected again is a
   * new one. Ids that are unknown, or another company's or credential's, are left out. Each is noted in the audit log
   * in the same transaction: only the log knows afterwards that the row was not lost.
   * @returns those that were closed.
   */
  dismissRejections(params: DismissParams): Promise<readonly DismissedRejection[]>;
}
