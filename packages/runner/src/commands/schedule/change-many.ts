import { confirm, isCancel } from "@clack/prompts";
import { AbortedError, type ScheduleChanges } from "@titan-sync/core";
import { withTitan } from "../../database/with-titan.js";
import { countOf } from "../../output/format.js";
import { writeJson, writeLine } from "../../output/write.js";
import { type CommandContext, type GlobalFlags, isTerminal } from "../../program/context.js";
import { type ExitCode, exitCodes } from "../../program/exit-codes.js";
import { UsageError } from "../../program/usage-error.js";
import { findWorker } from "../../service/find-worker.js";
import type { CredentialSelector } from "../select-credentials.js";
import { type ScheduleFlags, scheduleInputOf } from "./schedule-flags.js";

export interface ScheduleChangeFlags extends ScheduleFlags, CredentialSelector {
  readonly dryRun?: boolean | undefined;
  readonly yes?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** Changes the schedules of a company, or of all; exits 3 when somebody else changed some at the same time. */
export async function runScheduleChange(
  context: CommandContext,
  globals: GlobalFlags,
  flags: ScheduleChangeFlags,
): Promise<ExitCode> {
  const changes = scheduleInputOf(flags);
  if (Object.keys(changes).length === 0) {
    throw new UsageError(
      "Nothing to change.",
      "Name at least one setting, such as --every 15m or --quiet-days.",
    );
  }
  return withTitan(
    context,
    globals,
    async (open) => {
      const { titan } = open;
      const filter = { companyId: flags.company, environment: flags.environment };
      const request = { filter, changes, actor: "cli" };
      const preview = await titan.schedules.changeMany({ ...request, dryRun: true });
      const isPreview = flags.dryRun === true;
      const isMany = flags.all === true || preview.selected > 1;
      if (!isPreview && flags.yes !== true && isMany && preview.created + preview.changed > 0) {
        await requireConsent(context, preview);
      }
      const result = isPreview ? preview : await titan.schedules.changeMany(request);
      if (flags.json === true) await writeJson(context.stdout, { dryRun: isPreview, ...result });
      else for (const line of describeChanges(result, isPreview)) await writeLine(context.stdout, line);
      if (!isPreview && result.created > 0) await findWorker(open, "Until one runs, nothing starts.");
      return result.changedMeanwhile === 0 ? exitCodes.success : exitCodes.partial;
    },
    { writes: flags.dryRun !== true },
  );
}

/** @throws {@link AbortedError} when a person says no; {@link UsageError} when nobody can be asked. */
async function requireConsent(context: CommandContext, preview: ScheduleChanges): Promise<void> {
  const [what = ""] = describeChanges(preview, true);
  if (!isTerminal(context.stdin) || !isTerminal(context.stderr)) {
    throw new UsageError(
      `Changing many schedules needs confirmation, and there is no terminal to ask on. ${what}`,
      "Pass --yes, or --dry-run to look first.",
    );
  }
  const answer = await confirm({
    message: `${what} Go on?`,
    initialValue: false,
    input: context.stdin,
    output: context.stderr,
    signal: context.signal,
  });
  if (isCancel(answer) || !answer) throw new AbortedError("Nothing was changed.");
}

function describeChanges(
  { selected, created, changed, unchanged, withoutSchedule, changedMeanwhile }: ScheduleChanges,
  isPreview: boolean,
): readonly string[] {
  const would = isPreview ? "would be " : "";
  const lines = [
    `Of ${countOf(selected, "credential")}, ${countOf(changed, "schedule")} ${would}changed and ${created} ${would}created.`,
  ];
  if (unchanged > 0)
    lines.push(`${countOf(unchanged, "schedule")} ${unchanged === 1 ? "is" : "are"} like this already.`);
  if (withoutSchedule > 0) {
    lines.push(
      `${countOf(withoutSchedule, "credential")} ${withoutSchedule === 1 ? "has" : "have"} no schedule: say --cron or --every to create one.`,
    );
  }
  if (changedMeanwhile > 0) {
    lines.push(
      `${countOf(changedMeanwhile, "schedule")} changed at the same time by somebody else: repeat the command.`,
    );
  }
  return lines;
}
