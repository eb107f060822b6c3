import type { Page, PageRequest } from "./page.js";
import type { SyncData } from "./sync-run.js";

/** When a credential is synced automatically. */
export interface Schedule {
  readonly credentialId: string;
  /** Five fields: minute, hour, day of the month, month, day of the week. Not checked here. */
  readonly cron: string;
  /** IANA name of the time zone of `cron` and `quietDays`. */
  readonly timeZone: string;
  readonly data: SyncData;
  /** Dates, `YYYY-MM-DD`, on which no sync starts, such as holidays. For days of the week use `cron`. */
  readonly quietDays: readonly string[];
  /** A disabled schedule keeps its settings. */
  readonly enabled: boolean;
  /** Epoch milliseconds; `null` when no run is due. */
  readonly nextRunAt: number | null;
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
   * Creates a credential's schedule, or replaces it.
   * @param params.expectedRevision - The revision that was read before; `null` when there was none.
   * @throws {@link ConflictError} when the credential is unknown or the revision has changed; nothing changes.
   */
  saveSchedule(params: {
    readonly schedule: Schedule;
    readonly expectedRevision: number | null;
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
  /** Enabled schedules whose next run is due at this time (epoch milliseconds), the longest overdue first. */
  listDueSchedules(params: {
    readonly at: number;
    readonly limit: number;
  }): Promise<readonly StoredSchedule[]>;
  /**
   * Advances a due schedule to its next time: of several processes that try, one gets `true` and starts the run. The
   * revision does not change.
   * @returns `false`, with nothing changed, when the schedule is gone or disabled, or has already advanced.
   */
  advanceSchedule(params: {
    readonly credentialId: string;
    /** The time that was found due. */
    readonly from: number;
    readonly to: number | null;
  }): Promise<boolean>;
}
