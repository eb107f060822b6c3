import { scheduleJson } from "@titan-sync/core";
import { type Command, Option } from "commander";
import { withTitan } from "../../database/with-titan.js";
import { writeJson, writeLine } from "../../output/write.js";
import type { CommandContext, GlobalFlags } from "../../program/context.js";
import { type ExitCode, exitCodes } from "../../program/exit-codes.js";
import type { Perform } from "../../program/register.js";
import { UsageError } from "../../program/usage-error.js";
import { findWorker } from "../../service/find-worker.js";
import { type CredentialSelector, checkSelector, requireCredential } from "../select-credentials.js";
import { runScheduleChange } from "./change-many.js";
import { describeSchedule } from "./describe-schedule.js";
import { addScheduleOptions, type ScheduleFlags, scheduleInputOf } from "./schedule-flags.js";

interface ScheduleSetFlags extends ScheduleFlags, CredentialSelector {
  readonly dryRun?: boolean | undefined;
  readonly yes?: boolean | undefined;
  readonly json?: boolean | undefined;
}

export function registerScheduleSet(schedule: Command, perform: Perform): void {
  addScheduleOptions(
    schedule
      .command("set")
      .description(
        "sync credentials by themselves: replaces one's schedule, or changes what you name in many schedules",
      )
      .option("--credential <id>", "this credential")
      .option("--company <id>", "the credentials of a company")
      .addOption(
        new Option("--environment <environment>", "one environment of the company").choices([
          "integration",
          "production",
        ]),
      )
      .option("--all", "every credential"),
  )
    .option("--dry-run", "only say how many schedules of --company or --all would change")
    .option("--yes", "change many without asking")
    .option("--json", "print one JSON document")
    .action((flags: ScheduleSetFlags) =>
      perform((context, globals) => runScheduleSet(context, globals, flags)),
    );
}

/** One credential's schedule is replaced; of many, only what is named changes. */
export async function runScheduleSet(
  context: CommandContext,
  globals: GlobalFlags,
  flags: ScheduleSetFlags,
): Promise<ExitCode> {
  checkSelector(flags);
  const { credential } = flags;
  if (credential === undefined) {
    if (flags.company !== undefined || flags.all === true) return runScheduleChange(context, globals, flags);
    throw new UsageError("Say whose schedule to set, with --credential, --company or --all.");
  }
  if (flags.cron === undefined && flags.every === undefined) {
    throw new UsageError(
      "Say when to start, with --cron or --every.",
      'As in: --cron "30 2 * * *", --cron @daily, or --every 15m.',
    );
  }
  if (flags.dryRun === true) throw new UsageError("--dry-run is for --company and --all.");
  return withTitan(
    context,
    globals,
    async (open) => {
      const { titan } = open;
      const { id } = await requireCredential(titan.credentials, credential);
      const saved = await titan.schedules.save(id, scheduleInputOf(flags), { actor: "cli" });
      if (flags.json === true) await writeJson(context.stdout, scheduleJson(saved, Date.now()));
      else await writeLine(context.stdout, describeSchedule(saved, Date.now()));
      if (saved.enabled) await findWorker(open, "Until one runs, nothing starts.");
      return exitCodes.success;
    },
    { writes: true },
  );
}
