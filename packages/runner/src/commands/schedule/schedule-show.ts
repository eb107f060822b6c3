import {
  type CredentialManager,
  type ScheduleManager,
  type StoredSchedule,
  scheduleJson,
  scheduleProblem,
} from "@titan-sync/core";
import type { Command } from "commander";
import { withTitan } from "../../database/with-titan.js";
import { writeJson, writeLine } from "../../output/write.js";
import type { CommandContext, GlobalFlags } from "../../program/context.js";
import { type ExitCode, exitCodes } from "../../program/exit-codes.js";
import type { Perform } from "../../program/register.js";
import { UsageError } from "../../program/usage-error.js";
import { requireCredential } from "../select-credentials.js";
import { describeSchedule } from "./describe-schedule.js";

export interface ScheduleOfFlags {
  readonly credential: string;
  readonly json?: boolean | undefined;
}

export function registerScheduleShow(schedule: Command, perform: Perform): void {
  schedule
    .command("show")
    .description("show a credential's schedule and its next starts")
    .requiredOption("--credential <id>", "the credential")
    .option("--json", "print one JSON document")
    .action((flags: ScheduleOfFlags) =>
      perform((context, globals) => runScheduleShow(context, globals, flags)),
    );
}

/** Exits 3 when the schedule cannot be read. */
export async function runScheduleShow(
  context: CommandContext,
  globals: GlobalFlags,
  flags: ScheduleOfFlags,
): Promise<ExitCode> {
  return withTitan(context, globals, async ({ titan }) => {
    const schedule = await requireSchedule(titan, flags.credential);
    if (flags.json === true) await writeJson(context.stdout, scheduleJson(schedule, Date.now()));
    else await writeLine(context.stdout, describeSchedule(schedule, Date.now()));
    return scheduleProblem(schedule) === null ? exitCodes.success : exitCodes.partial;
  });
}

/** @throws {@link UsageError} when there is no such credential, or it has no schedule. */
async function requireSchedule(
  {
    credentials,
    schedules,
  }: { readonly credentials: CredentialManager; readonly schedules: ScheduleManager },
  credentialId: string,
): Promise<StoredSchedule> {
  const { id } = await requireCredential(credentials, credentialId);
  const found = await schedules.find(id);
  if (found !== null) return found;
  throw new UsageError(
    `The credential ${id} has no schedule.`,
    `Set one with: titan-sync schedule set --credential ${id} --cron "@daily"`,
  );
}
