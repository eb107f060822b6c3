import { isoTime } from "../json/iso-time.js";
import type { StoredSchedule } from "../ports/schedule-store.js";
import { jitterOf } from "./jitter.js";
import { upcomingStarts } from "./upcoming-starts.js";

/** A schedule as JSON: its instants are ISO 8601 text, and the one of `cron` and `every` that it lacks is left out. */
export interface ScheduleJson {
  readonly credentialId: string;
  readonly companyId: string;
  readonly cron?: string;
  readonly every?: string;
  readonly timeZone: string;
  readonly window: string | null;
  readonly quietDays: string[];
  readonly data: string;
  readonly fullEvery: string | null;
  readonly enabled: boolean;
  readonly nextNominalAt: string | null;
  readonly nextRunAt: string | null;
  /** The next five starts, jitter included. */
  readonly next: string[];
  readonly jitterMs: number;
  readonly revision: number;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/**
 * The JSON of a schedule.
 * @param now - epoch milliseconds: the next starts are those after it.
 */
export function scheduleJson(schedule: StoredSchedule, now: number): ScheduleJson {
  const { cron, every } = schedule;
  return {
    credentialId: schedule.credentialId,
    companyId: schedule.companyId,
    ...(cron !== null && { cron }),
    ...(every !== null && { every }),
    timeZone: schedule.timeZone,
    window: schedule.window,
    quietDays: [...schedule.quietDays],
    data: schedule.data,
    fullEvery: schedule.fullEvery,
    enabled: schedule.enabled,
    nextNominalAt: isoTime(schedule.nextNominalAt),
    nextRunAt: isoTime(schedule.nextRunAt),
    next: upcomingStarts(schedule, now).map(({ runAt }) => isoTime(runAt)),
    jitterMs: jitterOf(schedule),
    revision: schedule.revision,
    createdAt: isoTime(schedule.createdAt),
    updatedAt: isoTime(schedule.updatedAt),
  };
}
