import type { FeedName } from "../feeds/feed.js";
import type { RecordType } from "../records/record.js";
import type { DeliveredRecord } from "./sync-store.js";
import type { TenantScope } from "./tenant.js";

/** What one step of counting a feed's entities found. */
export interface EntityCount {
  readonly live: number;
  /** Vanished from ServiceTitan. */
  readonly removed: number;
  /** Of all of them, those that landed at the given time or later. */
  readonly landedSince: number;
  /** The highest id that was counted; `null` when there was none left. */
  readonly last: string | null;
}

/** The lease of a credential that somebody has, or had until it expired. */
export interface LeaseState {
  readonly runId: string;
  /** By the storage's clock; negative since it has expired. */
  readonly endsInMs: number;
}

/** What a check of the storage against itself and others reads. Changes nothing; each call is one bounded step. */
export interface ConsistencyView {
  /** Counts up to `limit` landed entities with an id above `after`, ascending by id as a number. */
  countEntities(params: {
    readonly scope: TenantScope;
    readonly feed: FeedName;
    /** `null` begins with the lowest. */
    readonly after: string | null;
    readonly limit: number;
    /** Epoch milliseconds. */
    readonly since: number;
  }): Promise<EntityCount>;
  /** What was last delivered, removed records included, with an id above `after`, ascending by id as a number. */
  listDeliveredRecords(params: {
    readonly scope: TenantScope;
    readonly record: RecordType;
    /** `null` begins with the lowest. */
    readonly after: string | null;
    readonly limit: number;
  }): Promise<readonly DeliveredRecord[]>;
  /** `null` while nobody has it, and nobody left it behind. */
  findLease(credentialId: string): Promise<LeaseState | null>;
}
