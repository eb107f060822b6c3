import type { Page, PageRequest } from "./page.js";
import type { StartLedgerEntry } from "./start-ledger.js";
import type { SyncData } from "./sync-run.js";

/** What decides when a schedule starts. Not checked here. */
export interface ScheduleTimes {
  readonly credentialId: string;
  /**
   * Five fields: minute, hour, day of the month, month, day of the week, as the clocks of `timeZone` show them; `null`
   * for a schedule with `every`. A schedule has exactly one of the two.
   */
  readonly cron: string | null;
  /** How long it is from one start to the next, from `1m` to `31d`; `null` for a schedule with `cron`. */
  readonly every: string | null;
  /** IANA name of a region's time zone, such as `America/Chicago`, or `UTC`. Also that of `window` and `quietDays`. */
  readonly timeZone: string;
  /** The part of the day in which syncs may start, such as `22:00-05:00`; `null` for the whole day. */
  readonly window: string | null;
  /** Dates, `YYYY-MM-DD`, on which no sync starts, such as holidays. For days of the week use `cron`. */
  readonly quietDays: readonly string[];
  /** A disabled schedule keeps its settings. */
  readonly enabled: boolean;
}

/** One start of a schedule, in epoch milliseconds. */
export interface ScheduledStart {
  /** The nominal instant: the time that the schedule names. */
  readonly nominalAt: number;
  /** When the sync starts: the nominal instant and the credential's jitter. */
  readonly runAt: number;
}

/** When a credential is synced automatically. */
export interface Schedule extends ScheduleTimes {
  readonly data: SyncData;
  /**
   * How old the last full pass is, from `1h` to `366d`, when a start runs another one; `null` for never. Only a full pass
   * finds what was removed from a feed without a trace.
   */
  readonly fullEvery: string | null;
  /** The nominal instant of the next start, epoch milliseconds; `null` exactly when `nextRunAt` is. */
  readonly nextNominalAt: number | null;
  /** When the next sync starts, epoch milliseconds; `null` when none is due. */
  readonly nextRunAt: number | null;
  /** Nominal instants up to this time, in epoch milliseconds, are not this schedule's to decide. */
  readonly decidedUntil: number;
}

export interface StoredSchedule extends Schedule {
  readonly companyId: string;
  /** From 1; increases each time it is saved, but not when it advances to its next run. */
  readonly revision: number;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface ScheduleFilter {
  readonly companyId?: string | undefined;
  /** Filters by these companies; an empty list matches nothing. */
  readonly companyIds?: readonly string[] | undefined;
}

/** Stores schedules. Every method is atomic. A schedule is removed with its credential. */
export interface ScheduleStore {
  findSchedule(credentialId: string): Promise<StoredSchedule | null>;
  /** Ordered by company and credential. Every part of the filter must hold. */
  listSchedules(filter: ScheduleFilter, page: PageRequest): Promise<Page<StoredSchedule>>;
  /**
   * Creates a credential's schedule, or replaces it and gives up its catch-up.
   * @param params.expectedRevision - The revision that was read before; `null` when there was none.
   * @param params.decided - Outcomes of nominal starts that the change gives up, for the start ledger; those that have
   * an outcome already are ignored.
   * @throws {@link ConflictError} when the credential is unknown or the revision has changed; nothing changes.
   */
  saveSchedule(params: {
    readonly schedule: Schedule;
    readonly expectedRevision: number | null;
    readonly decided?: readonly StartLedgerEntry[] | undefined;
  }): Promise<StoredSchedule>;
  /**
   * @param params.expectedRevision - If absent, the schedule is removed regardless of its revision.
   * @returns whether a schedule existed.
   * @throws {@link ConflictError} when the revision has changed.
   */
  removeSchedule(params: {
    readonly credentialId: string;
    readonly expectedRevision?: number | undefined;
  }): Promise<boolean>;
}
