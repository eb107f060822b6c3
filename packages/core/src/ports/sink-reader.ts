import type { RecordType } from "../records/record.js";
import type { SinkContext } from "./record-sink.js";
import type { TenantScope } from "./tenant.js";

/** A record in a sink. */
export interface HeldRecord {
  /** The key of its items: the customer's or invoice's ServiceTitan id. */
  readonly key: string;
  /** The revision of the last item that the sink accepted for it. */
  readonly revision: number;
}

/**
 * Reads a sink's records back, so that a full sync and a check can compare them with what was delivered. Removed
 * records are left out everywhere. Changes nothing.
 */
export interface SinkReader {
  /** Of these records, those that the sink has, in any order. At most 10000 keys. */
  find(
    params: { readonly scope: TenantScope; readonly record: RecordType; readonly keys: readonly string[] },
    context: SinkContext,
  ): Promise<readonly HeldRecord[]>;
  /**
   * All records of a tenant in the sink's own order, page by page: `after` is the last key of the previous page, `null`
   * for the first page. At most `limit`; an empty page is the end.
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
