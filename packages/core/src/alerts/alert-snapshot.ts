import type { ChannelHealth } from "../ports/alert-store.js";
import type { StoredCredentialState } from "../ports/credential-state.js";
import type { JobQueueStats } from "../ports/job-queue.js";
import type { LiveWorker } from "../ports/worker-registry.js";
import type { Lateness } from "../status/judge-credential.js";

/** The figures of the runs of one day, in UTC. */
export interface DayFigures {
  /** `2026-01-31`. */
  readonly day: string;
  readonly rowsRead: number;
  readonly derived: number;
  readonly rejected: number;
}

/** A credential as the rules see it. */
export interface ObservedCredential {
  readonly stored: StoredCredentialState;
  /** Whether a pause keeps it from being synced now. */
  readonly isPaused: boolean;
  readonly lateness: Lateness | null;
  /** The codes of the warnings of its last run; `null` if they are not known. */
  readonly warnings: readonly string[] | null;
  /** The last four weeks and today, without days that had no runs; `null` if they were not read for this look. */
  readonly days: readonly DayFigures[] | null;
}

/** What only a program can measure; `null` where it cannot. */
export interface PlatformMeasures {
  /** The share of the database's space that is free, from 0 to 1. */
  readonly freeShare: number | null;
  /** The age of the key that encrypts, in milliseconds. */
  readonly keyAgeMs: number | null;
}

/** Everything that the rules look at. */
export interface AlertSnapshot {
  /** Epoch milliseconds, by the clock of this process. */
  readonly at: number;
  readonly credentials: readonly ObservedCredential[];
  readonly queue: JobQueueStats;
  readonly workers: readonly LiveWorker[];
  /** Enabled schedules. */
  readonly schedules: number;
  /** The last sign of a scheduler, in epoch milliseconds. */
  readonly lastTick: number | null;
  /** Since when this process has been looking: before that it cannot know who is silent. */
  readonly watchingSince: number;
  /** Those that this program sends to. */
  readonly channels: readonly ChannelHealth[];
  /** How far the clock of this process is ahead of the database's; negative if it is behind. */
  readonly clockAheadMs: number;
  readonly platform: PlatformMeasures;
}
