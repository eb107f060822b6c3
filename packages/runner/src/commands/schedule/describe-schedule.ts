import {
  jitterOf,
  type ScheduledStart,
  type StoredSchedule,
  scheduleProblem,
  upcomingStarts,
} from "@titan-sync/core";
import { formatDuration } from "../../output/format.js";
import { formatInZone, utcBeside } from "../../output/zone-time.js";

/** One line for each setting, and the next starts. */
export function describeSchedule(schedule: StoredSchedule, now: number): string {
  const problem = scheduleProblem(schedule);
  const facts: readonly (readonly [name: string, value: string])[] = [
    ["credential", schedule.credentialId],
    ["company", schedule.companyId],
    ["starts", describeTimes(schedule)],
    ["time zone", schedule.timeZone],
    ["window", schedule.window ?? "the whole day"],
    ["quiet days", schedule.quietDays.join(", ") || "none"],
    ["data", schedule.data],
    ["full pass", describeFullPass(schedule)],
    ["enabled", schedule.enabled ? "yes" : "no"],
    ...(problem === null ? [["jitter", describeJitter(schedule)] as const] : []),
  ];
  return [
    ...facts.map(([name, value]) => `${name.padEnd(11)} ${value}`),
    "",
    ...(problem === null ? describeNext(schedule, now) : [problem.message, problem.hint]),
  ].join("\n");
}

/** `30 2 * * *`, or `every 15m`. */
export function describeTimes({ cron, every }: Pick<StoredSchedule, "cron" | "every">): string {
  return cron ?? `every ${every ?? ""}`;
}

/** `Tue 2026-12-01 02:30 + 11 min 12 s`. */
export function describeStart({ nominalAt, runAt }: ScheduledStart, timeZone: string): string {
  const jitter = runAt === nominalAt ? "" : ` + ${formatDuration(runAt - nominalAt)}`;
  return `${formatInZone(nominalAt, timeZone)}${jitter}`;
}

function describeJitter(schedule: StoredSchedule): string {
  return `${formatDuration(jitterOf(schedule))}, always the same for this credential`;
}

function describeFullPass({ fullEvery }: StoredSchedule): string {
  return fullEvery === null ? "never" : `at the first start after ${fullEvery} without one`;
}

function describeNext(schedule: StoredSchedule, now: number): readonly string[] {
  if (!schedule.enabled) return ["It is disabled: nothing starts."];
  const starts = upcomingStarts(schedule, now);
  if (starts.length === 0) return ["It has no more starts."];
  const lines = starts.map((start) => [
    describeStart(start, schedule.timeZone),
    utcBeside(roundedToSecond(start.runAt), schedule.timeZone),
  ]);
  const width = Math.max(...lines.map(([local = ""]) => local.length));
  return [
    `next starts (${schedule.timeZone}, then in UTC with the jitter)`,
    ...lines.map(([local = "", utc]) => `  ${local.padEnd(width)}  ${utc}`),
  ];
}

function roundedToSecond(time: number): number {
  return Math.round(time / 1000) * 1000;
}
