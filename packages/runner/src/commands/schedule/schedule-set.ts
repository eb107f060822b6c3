import { scheduleJson } from "@titan-sync/core";
import type { Command } from "commander";
import { withTitan } from "../../database/with-titan.js";
import { writeJson, writeLine } from "../../output/write.js";
import type { CommandContext, GlobalFlags } from "../../program/context.js";
import { type ExitCode, exitCodes } from "../../program/exit-codes.js";
import type { Perform } from "../../program/register.js";
import { UsageError } from "../../program/usage-error.js";
import { requireCredential } from "../select-credentials.js";
import { describeSchedule } from "./describe-schedule.js";
import { addScheduleOptions, type ScheduleFlags, scheduleInputOf } from "./schedule-flags.js";

interface ScheduleSetFlags extends ScheduleFlags {
  readonly credential: string;
  readonly json?: boolean | undefined;
}

export function registerScheduleSet(schedule: Command, perform: Perform): void {
  addScheduleOptions(
    schedule
      .command("set")
      .description("sync a credential by itself; replaces the schedule that it has")
      .requiredOption("--credential <id>", "the credential"),
  )
    .option("--json", "print the schedule as JSON")
    .action((flags: ScheduleSetFlags) =>
      perform((context, globals) => runScheduleSet(context, globals, flags)),
    );
}

export async function runScheduleSet(
  context: CommandContext,
  globals: GlobalFlags,
  flags: ScheduleSetFlags,
): Promise<ExitCode> {
  if (flags.cron === undefined && flags.every === undefined) {
    throw new UsageError(
      "Say when to start, with --cron or --every.",
      'As in: --cron "30 2 * * *", --cron @daily, or --every 15m.',
    );
  }
  return withTitan(context, globals, async ({ titan }) => {
    const { id } = await requireCredential(titan.credentials, flags.credential);
    const saved = await titan.schedules.save(id, scheduleInputOf(flags), { actor: "cli" });
    if (flags.json === true) await writeJson(context.stdout, scheduleJson(saved, Date.now()));
    else await writeLine(context.stdout, describeSchedule(saved, Date.now()));
    return exitCodes.success;
  });
}
