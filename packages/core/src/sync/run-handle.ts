import type { DryRunDiff } from "../dry-run/dry-run-diff.js";
import type { FeedName } from "../feeds/feed.js";
import type { ApiFigures } from "../http/api-client.js";
import type { SyncEvent } from "../ports/sync-event.js";
import type { EndStatus, FeedFigures, RecordFigures, RunFailure, RunWarning } from "../ports/sync-run.js";
import type { ByRecordType } from "../records/record.js";

/** What a run did. The figures add up: `read = landed + unchanged + superseded + suppressed + rejected` for each feed, `derived = delivered + unchanged + leftOut + rejected` for each record type. */
export interface RunLedger {
  readonly feeds: Readonly<Record<FeedName, FeedFigures>>;
  readonly records: ByRecordType<RecordFigures>;
  /** Derived records. */
  readonly processed: number;
  /** Delivered ones, removals included. */
  readonly successful: number;
  /**
   * Rejected records, and rejected rows of all feeds, whether or not a record could have been made from
   * them.
   */
  readonly failed: number;
  /** Equal to what was delivered before. */
  readonly unchanged: number;
}

/** How a run ended. */
export interface RunResult {
  readonly runId: string;
  readonly credentialId: string;
  readonly companyId: string;
  readonly status: EndStatus;
  readonly ledger: RunLedger;
  readonly warnings: readonly RunWarning[];
  /** The error of a `failed` run. */
  readonly error: RunFailure | null;
  /** Since the run began, pauses included. */
  readonly durationMs: number;
  /** Requests of the part of the run that this process executed. */
  readonly api: ApiFigures;
  /** What a dry run would have done to the records; `null` for a run that counts. */
  readonly diff: DryRunDiff | null;
}

/** A run in progress. */
export interface RunHandle {
  readonly id: string;
  /** Whether an earlier run, dead or paused, is continued. */
  readonly resumed: boolean;
  /**
   * The run's events from its start, in order; each call returns its own series. A reader that falls more
   * than
   * 10,000 events behind misses the oldest, never `run:end`.
   */
  events(): AsyncIterableIterator<SyncEvent>;
  /**
   * Stops the run after rolling back or finishing the current batch. May be called twice.
   * @param actor - who requested it, for the audit log.
   */
  cancel(actor?: string): Promise<void>;
  /**
   * Stops the run like `cancel`, but keeps it: it is stored `paused` with its progress, counts in `handedOver`, and an
   * equal request continues it under its id, here or elsewhere. If somebody asked to cancel it meanwhile, it ends
   * `cancelled`. A dry run cannot be continued: it is cancelled. May be called twice.
   */
  handOver(): Promise<void>;
  /** Whether this owner has made progress that a continued run will not repeat. */
  hasProgressed(): boolean;
  /**
   * Resolves when the run has ended, with any status.
   * Rejects only when the end could not be stored or the lease was lost.
   */
  readonly result: Promise<RunResult>;
}
