import type { RangeField, SyncData, SyncMode, SyncType } from "../ports/sync-run.js";

/** What to sync, and how. */
export interface SyncRequest {
  readonly credentialId: string;
  /** Which records to derive: those of a driver feed, or `both` for every record type. @defaultValue "both" */
  readonly data?: SyncData | undefined;
  /** `full` reads every feed from its beginning and derives every record. @defaultValue "incremental" */
  readonly mode?: SyncMode | undefined;
  /** Include the API's most recent changes, which normally appear about 15 minutes late. @defaultValue false */
  readonly fresh?: boolean | undefined;
  /**
   * Derive every record from landed entities, without the API. Not with `mode`, `fresh` or a range. @defaultValue false
   */
  readonly rederive?: boolean | undefined;
  /**
   * Check and derive again what was rejected, without the API: after a change of rules or mapping, or of the sink.
   * Not with `mode`, `fresh`, `rederive` or a range. @defaultValue false
   */
  readonly replay?: boolean | undefined;
  /**
   * Read only entities of the driver feeds from this date or instant on (UTC, inclusive). Their cursors stay
   * where they are, and nothing is removed. Not with `mode: "full"`.
   */
  readonly from?: string | undefined;
  /** Up to this date or instant (UTC, exclusive). */
  readonly to?: string | undefined;
  /** What `from` and `to` are compared with; `invoiced` is for invoices only. @defaultValue "modified" */
  readonly by?: RangeField | undefined;
  /** Let a full pass mark more than 5% of a feed as removed. @defaultValue false */
  readonly allowRemovals?: boolean | undefined;
  /**
   * Only find out what the run would do: `result.diff`. It changes nothing, calls no sink, appears in no
   * history and may continue while another run is in progress. It keeps what it reads in memory.
   * @defaultValue false
   */
  readonly dryRun?: boolean | undefined;
  /** @defaultValue "manual" */
  readonly type?: SyncType | undefined;
  /** Overrides the company's import id for this run. */
  readonly importId?: number | null | undefined;
  /**
   * The id of the run if a new one is started, for callers that need the id before the run starts, such as
   * a queue.
   * @defaultValue a random one
   */
  readonly runId?: string | undefined;
  /**
   * Pause after this long, in milliseconds; an equal request continues the run where it stopped, whatever
   * its mode. To let short slices finish as well, a slice without progress continues for up to 2 seconds
   * more. A full
   * sync that was paused before it had read a feed to its end reads that feed again after 7 days.
   */
  readonly stopAfterMs?: number | undefined;
  /**
   * Pause instead of failing when what failed may pass by itself, such as an API, a sink or a storage that does not
   * answer: for a caller that continues the run, as workers do. The run's `error` says what failed. What needs a person,
   * such as a refused credential, fails the run. @defaultValue false
   */
  readonly pauseOnFailure?: boolean | undefined;
  /** Cancels the run. */
  readonly signal?: AbortSignal | undefined;
  /** Who requested it, for the audit log. @defaultValue "system" */
  readonly actor?: string | undefined;
}
