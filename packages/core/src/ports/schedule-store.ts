import type { Page, PageRequest } from "./page.js";
import type { SyncData } from "./sync-run.js";

/** When a credential is synced by itself. */
export interface Schedule {
  readonly credentialId: string;
  /** Five fields: minute, hour, day of the month, month, day of the week. Not checked here. */
  readonly cron: string;
  /** IANA name of the zone that `cron` and `quietDays` are in. */
  readonly timeZone: string;
  readonly data: SyncData;
  /** Dates, `YYYY-MM-DD`, on which nothing starts: holidays, say. Days of the week are cron's matter. */
  readonly quietDays: readonly string[];
  /** A schedule that is off keeps its settings. */
  readonly enabled: boolean;
  /** Epoch milliseconds; `null` when nothing is to start. */
  readonly nextRunAt: number | null;
}

export interface StoredSchedule extends Schedule {
  readonly companyId: string;
  /** From 1; grows each time that it is saved, not when it is moved on. */
  readonly revision: number;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface ScheduleFilter {
  readonly companyId?: string | undefined;
  /** One of these; none when it is empty. */
  readonly companyIds?: readonly string[] | undefined;
}

/** Where schedules live. Every method is atomic. A schedule goes with its credential. */
export interface ScheduleStore {
  findSchedule(credentialId: string): Promise<StoredSchedule | null>;
  /** Ordered by company and credential. Every part of the filter must hold. */
  listSchedules(filter: ScheduleFilter, page: PageRequest): Promise<Page<StoredSchedule>>;
  /**
   * Creates a credential's schedule, or replaces it.
   * @param params.expectedRevision - The revision that was read before; `null` when there was none.
   * @throws {@link ConflictError} when the credential is unknown or the revision is another one by now; nothing
   * has changed then.
   */
  saveSchedule(params: {
    readonly schedule: Schedule;
    readonly expectedRevision: number | null;
  }): Promise<StoredSchedule>;
  /**
   * @param params.expectedRevision - Absent removes whatever there is.
   * @returns whether there was one.
   * @throws {@link ConflictError} when the revision is another one by now.
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
   * Moves a schedule on from a time that is due: of several processes that try, one gets `true` and starts the
   * run. The revision stays.
   * @returns `false`, with nothing changed, when the schedule is gone or off, or its next run is another one.
   */
  advanceSchedule(params: {
    readonly credentialId: string;
    /** The time that was found due. */
    readonly from: number;
    readonly to: number | null;
  }): Promise<boolean>;
}
