import { type StoredSchedule, scheduleJson, scheduleProblem, upcomingStarts } from "@titan-sync/core";
import type { Command } from "commander";
import { withTitan } from "../../database/with-titan.js";
import { type ListLayout, printList } from "../../output/print-list.js";
import { writeJson, writeLine } from "../../output/write.js";
import type { CommandContext, GlobalFlags } from "../../program/context.js";
import { type ExitCode, exitCodes } from "../../program/exit-codes.js";
import type { Perform } from "../../program/register.js";
import { addPageOptions, type PageFlags } from "../page-options.js";
import { describeStart, describeTimes } from "./describe-schedule.js";

interface ScheduleListFlags extends PageFlags {
  readonly company?: string | undefined;
}

export function registerScheduleList(schedule: Command, perform: Perform): void {
  addPageOptions(
    schedule
      .command("list")
      .description("list schedules by company, with their next start")
      .option("--company <id>", "filter by company"),
  ).action((flags: ScheduleListFlags) =>
    perform((context, globals) => runScheduleList(context, globals, flags)),
  );
}

/** Exits 3 when any schedule shown cannot be read. */
export async function runScheduleList(
  context: CommandContext,
  globals: GlobalFlags,
  flags: ScheduleListFlags,
): Promise<ExitCode> {
  return withTitan(context, globals, async ({ titan }) => {
    const page = await titan.schedules.list(
      { companyId: flags.company },
      { limit: flags.limit, cursor: flags.cursor },
    );
    const now = Date.now();
    if (flags.json === true) {
      await writeJson(context.stdout, {
        items: page.items.map((schedule) => scheduleJson(schedule, now)),
        next: page.next,
      });
    } else {
      await printList(context.stdout, page, layoutAt(now), false);
      for (const schedule of page.items) await tellProblem(context, schedule);
    }
    const isReadable = page.items.every((schedule) => scheduleProblem(schedule) === null);
    return isReadable ? exitCodes.success : exitCodes.partial;
  });
}

const layoutAt = (now: number): ListLayout<StoredSchedule> => ({
  empty: 'No schedules. Set one with "titan-sync schedule set".',
  columns: [
    ["company", (schedule) => schedule.companyId],
    ["credential", (schedule) => schedule.credentialId],
    ["starts", describeTimes],
    ["time zone", (schedule) => schedule.timeZone],
    ["window", (schedule) => schedule.window ?? "-"],
    ["data", (schedule) => schedule.data],
    ["full pass", ({ fullEvery }) => fullEvery ?? "never"],
    ["next start", (schedule) => nextStart(schedule, now)],
  ],
});

async function tellProblem({ stdout }: CommandContext, schedule: StoredSchedule): Promise<void> {
  const problem = scheduleProblem(schedule);
  if (problem === null) return;
  await writeLine(stdout, `\n${schedule.companyId}: ${problem.message} ${problem.hint}`);
}

function nextStart(schedule: StoredSchedule, now: number): string {
  if (scheduleProblem(schedule) !== null) return "unreadable";
  const [next] = upcomingStarts(schedule, now, 1);
  if (next !== undefined) return describeStart(next, schedule.timeZone);
  return schedule.enabled ? "none" : "disabled";
}
