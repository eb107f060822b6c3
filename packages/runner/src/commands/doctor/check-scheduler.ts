import { eachItem, isoTime, type ScheduleManager, type Storage, scheduleProblem } from "@titan-sync/core";
import { type Finding, good, problem } from "./finding.js";

/** A scheduler gives a sign every second, and at least every 30 while it fails. */
const silentMs = 3 * 60_000;

/** Reports schedules that nothing starts, and those that cannot be read; nothing without enabled schedules. */
export async function checkScheduler(
  { findLastTick }: Pick<Storage, "findLastTick">,
  schedules: Pick<ScheduleManager, "list">,
  now: number,
): Promise<readonly Finding[]> {
  const { hasEnabled, unreadable } = await lookAt(schedules);
  if (!hasEnabled) return [];
  const about = { check: "scheduler" } as const;
  const lastSignAt = await findLastTick();
  if (lastSignAt !== null && now - lastSignAt < silentMs) {
    return [good(about, "Scheduled syncs are started when they are due."), ...unreadable];
  }
  const sign =
    lastSignAt === null ? "none has ever run" : `the last sign of one is from ${isoTime(lastSignAt)}`;
  return [
    problem(
      about,
      `No scheduled sync is started, because no scheduler is running: ${sign}.`,
      'Run "titan-sync serve" or "titan-sync worker" as a service. One sync of each credential makes up for what was missed.',
    ),
    ...unreadable,
  ];
}

async function lookAt(schedules: Pick<ScheduleManager, "list">) {
  let hasEnabled = false;
  const unreadable: Finding[] = [];
  for await (const schedule of eachItem((page) => schedules.list({}, page))) {
    if (!schedule.enabled) continue;
    hasEnabled = true;
    const found = scheduleProblem(schedule);
    if (found === null) continue;
    const { credentialId, companyId } = schedule;
    const hint = `${found.hint} titan-sync schedule set --credential ${credentialId} --time-zone <zone>`;
    unreadable.push(
      problem({ check: "scheduler", credentialId }, `Company ${companyId}: ${found.message}`, hint),
    );
  }
  return { hasEnabled, unreadable };
}
