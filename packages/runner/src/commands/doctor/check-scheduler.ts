import { eachItem, isoTime, type ScheduleManager, type Storage } from "@titan-sync/core";
import { type Finding, good, problem } from "./finding.js";

/** A scheduler gives a sign every second, and at least every 30 while it fails. */
const silentMs = 3 * 60_000;

/** Reports schedules that nothing starts; none without enabled schedules. */
export async function checkScheduler(
  { findLastTick }: Pick<Storage, "findLastTick">,
  schedules: Pick<ScheduleManager, "list">,
  now: number,
): Promise<readonly Finding[]> {
  if (!(await hasEnabled(schedules))) return [];
  const about = { check: "scheduler" } as const;
  const lastSignAt = await findLastTick();
  if (lastSignAt !== null && now - lastSignAt < silentMs) {
    return [good(about, "Scheduled syncs are started when they are due.")];
  }
  const sign =
    lastSignAt === null ? "none has ever run" : `the last sign of one is from ${isoTime(lastSignAt)}`;
  return [
    problem(
      about,
      `No scheduled sync is started, because no scheduler is running: ${sign}.`,
      'Run "titan-sync serve" or "titan-sync worker" as a service. One sync of each credential makes up for what was missed.',
    ),
  ];
}

async function hasEnabled(schedules: Pick<ScheduleManager, "list">): Promise<boolean> {
  for await (const { enabled } of eachItem((page) => schedules.list({}, page))) {
    if (enabled) return true;
  }
  return false;
}
