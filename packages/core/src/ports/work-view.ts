import type { FeedName } from "../feeds/feed.js";
import type { RecordType } from "../records/record.js";
import type { ExportedRecord } from "./sync-store.js";
import type { TenantScope } from "./tenant.js";

/** A look at the work that is ahead, without taking any of it. */
export interface WorkView {
  /** Ids of landed entities above `after`, ascending as numbers, removed ones included; at most `limit`. */
  listEntityIds(params: {
    readonly scope: TenantScope;
    readonly feed: FeedName;
    /** `null` begins with the lowest. */
    readonly after: string | null;
    readonly limit: number;
  }): Promise<readonly { readonly id: string; readonly removed: boolean }[]>;
  /** Ids of a feed that are on a record's work list, claimed or not, above `after`, ascending as numbers; at most `limit`. */
  listPendingIds(params: {
    readonly scope: TenantScope;
    readonly record: RecordType;
    readonly feed: FeedName;
    /** `null` begins with the lowest. */
    readonly after: string | null;
    readonly limit: number;
  }): Promise<readonly string[]>;
  /** How many there are. */
  countPendingIds(params: {
    readonly scope: TenantScope;
    readonly record: RecordType;
    readonly feed: FeedName;
  }): Promise<number>;
  /** What was last delivered of these records; unknown and removed ones are left out. */
  findCurrentRecords(params: {
    readonly scope: TenantScope;
    readonly record: RecordType;
    readonly ids: readonly string[];
  }): Promise<readonly ExportedRecord[]>;
}
