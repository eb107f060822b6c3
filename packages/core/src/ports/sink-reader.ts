import type { RecordType } from "../records/record.js";
import type { SinkContext } from "./record-sink.js";
import type { TenantScope } from "./tenant.js";

/** A record that a sink has. */
export interface HeldRecord {
  /** As the items that brought it: the customer's or invoice's ServiceTitan id. */
  readonly key: string;
  /** Of the last item that the sink took for it. */
  readonly revision: number;
}

/**
 * Reads back what a sink has, so that a full sync and a check can compare it with what was delivered. Removed
 * records are left out everywhere. Changes nothing.
 */
export interface SinkReader {
  /** Of these records, those that the sink has, in any order. At most 10000 keys. */
  find(
    params: { readonly scope: TenantScope; readonly record: RecordType; readonly keys: readonly string[] },
    context: SinkContext,
  ): Promise<readonly HeldRecord[]>;
  /**
   * All records of a tenant in an order of the sink's own, page by page: `after` is the last key of the page before,
   * `null` for the first one. At most `limit`; an empty page is the end.
   */
  list(
    params: {
      readonly scope: TenantScope;
      readonly record: RecordType;
      readonly after: string | null;
      readonly limit: number;
    },
    context: SinkContext,
  ): Promise<readonly HeldRecord[]>;
}
