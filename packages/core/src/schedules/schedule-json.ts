import { isoTime } from "../json/iso-time.js";
import type { StoredSchedule } from "../ports/schedule-store.js";
import { jitterOf } from "./jitter.js";
import { type ScheduleProblem, scheduleProblem } from "./schedule-problem.js";
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
  /** `null` for a schedule that cannot be read. */
  readonly jitterMs: number | null;
  /** Why it cannot be read, and then starts nothing; `null` for any other. */
  readonly problem: ScheduleProblem | null;
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
  const problem = scheduleProblem(schedule);
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
    next: problem === null ? upcomingStarts(schedule, now).map(({ runAt }) => isoTime(runAt)) : [],
    jitterMs: problem === null ? jitterOf(schedule) : null,
    problem,
    revision: schedule.revision,
    createdAt: isoTime(schedule.createdAt),
    updatedAt: isoTime(schedule.updatedAt),
  };
}
