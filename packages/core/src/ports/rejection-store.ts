import type { FeedName } from "../feeds/feed.js";
import type { AuditEntry } from "./audit-log.js";
import type { Page, PageRequest } from "./page.js";
import type { TenantScope } from "./tenant.js";

export type RejectionStage = "structure" | "record" | "sink";

/** Why an entity was not landed, or its record not delivered. There is at most one per entity and stage. */
export interface NewRejection {
  readonly feed: FeedName;
  readonly entityId: string;
  readonly stage: RejectionStage;
  readonly rules: readonly string[];
  /** Names fields, never values. */
  readonly message: string;
  /** The row as the API sent it, as JSON text. */
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

/** The number of rejections with the same feed, stage and rules. */
export interface RejectionCount extends Pick<NewRejection, "feed" | "stage" | "rules"> {
  readonly count: number;
}

/** A rejection that was closed by a person, without its payload. */
export type DismissedRejection = Pick<
  StoredRejection,
  "id" | "scope" | "feed" | "entityId" | "stage" | "rules"
>;

export interface DismissParams {
  readonly companyId: string;
  /** Dismisses only rejections of this credential. */
  readonly credentialId?: string | undefined;
  readonly ids: readonly string[];
  /** Returns the audit log's entry for a closed rejection. */
  readonly auditEntryOf: (closed: DismissedRejection) => AuditEntry;
}

/**
 * Lists and dismisses rows and records that could not be used. {@link LandingStore.landRows} and {@link
 * DeliveryStore.settleKeys} store and clear rejections.
 */
export interface RejectionStore {
  /** Ordered by when they were last seen, newest first. */
  listRejections(filter: RejectionFilter, page: PageRequest): Promise<Page<StoredRejection>>;
  /** How many rejections there are for each reason, the most frequent first. */
  countRejections(filter: RejectionFilter): Promise<readonly RejectionCount[]>;
  /**
   * Closes rejections because a person decided so, and deletes them with their payloads. If a row is rejected again, it
   * becomes a new rejection. Ids that are unknown, or belong to another company or credential, are ignored. Each closed
   * rejection gets an entry in the audit log in the same transaction: afterwards only the log shows that the row was
   * not lost.
   * @returns the closed rejections.
   */
  dismissRejections(params: DismissParams): Promise<readonly DismissedRejection[]>;
}
