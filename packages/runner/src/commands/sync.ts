import { type CredentialSummary, systemClock } from "@titan-sync/core";
import { inParallel } from "@titan-sync/core/support";
import { type Command, Option } from "commander";
import { type OpenTitan, withTitan } from "../database/with-titan.js";
import { formatDuration } from "../output/format.js";
import { barsView } from "../output/progress/bars-view.js";
import { jsonView } from "../output/progress/json-view.js";
import { plainView } from "../output/progress/plain-view.js";
import type { ProgressView } from "../output/progress/progress-view.js";
import { summariseRun } from "../output/run-summary.js";
import { styleFor } from "../output/style.js";
import { writeJson, writeLine } from "../output/write.js";
import { parseDuration, parseInstant } from "../program/arguments.js";
import { type CommandContext, type GlobalFlags, isTerminal } from "../program/context.js";
import { combineExitCodes, type ExitCode } from "../program/exit-codes.js";
import type { Perform } from "../program/register.js";
import { reportError } from "../program/report-error.js";
import { checkSelector, selectCredentials } from "./select-credentials.js";
import { endOfRefusedRun, type SyncOutcome, syncCredential } from "./sync-credential.js";
import { type SyncFlags, syncRequestOf } from "./sync-flags.js";

/** Credentials in hand at once: a slow tenant holds up few others, and memory stays bounded. */
const width = 4;

export function registerSync(program: Command, perform: Perform): void {
  program
    .command("sync")
    .description("copy customers and invoices of one, several or all credentials")
    .option("--credential <id>", "this credential")
    .option("--company <id>", "the credentials of this company")
    .addOption(
      new Option("--environment <environment>", "only this one of the company").choices([
        "integration",
        "production",
      ]),
    )
    .option("--all", "every credential")
    .addOption(
      new Option("--data <data>", "what to sync")
        .choices(["customers", "invoices", "both"])
        .makeOptionMandatory(),
    )
    .addOption(
      new Option("--mode <mode>", "full reads everything anew (default: incremental)").choices([
        "incremental",
        "full",
      ]),
    )
    .option("--fresh", "read the most recent changes too, which normally appear 15 minutes late")
    .option("--rederive", "make every record anew from what was read before, without the API")
    .option("--allow-removals", "let a full pass remove more than 5 % of the records")
    .addOption(
      new Option("--from <date>", "only from this date or instant on, UTC, inclusive").argParser(
        parseInstant,
      ),
    )
    .addOption(new Option("--to <date>", "only before this date or instant, UTC").argParser(parseInstant))
    .addOption(
      new Option("--by <date>", "what --from and --to look at (default: modified)").choices([
        "modified",
        "created",
        "invoiced",
      ]),
    )
    .option("--dry-run", "say what would be done to the records, and change nothing")
    .addOption(
      new Option("--stop-after <duration>", "pause after so long; an equal sync goes on").argParser(
        parseDuration,
      ),
    )
    .option("--json", "print one event a line")
    .action((flags: SyncFlags) => perform((context, globals) => runSync(context, globals, flags)));
}

/** Syncs the selected credentials and says what became of each. */
export async function runSync(
  context: CommandContext,
  globals: GlobalFlags,
  flags: SyncFlags,
  request = syncRequestOf(flags),
): Promise<ExitCode> {
  checkSelector(flags);
  return withTitan(context, globals, async (open) => {
    const credentials = await selectCredentials(open.titan.credentials, flags);
    const view = viewFor(context, flags);
    const several = credentials.length > 1;
    let outcomes: readonly (readonly [CredentialSummary, SyncOutcome])[];
    try {
      const syncOne = async (credential: CredentialSummary) => {
        const title = titleOf(credential);
        const outcome = await syncCredential(credential, {
          titan: open.titan,
          request,
          signal: open.signal,
          clock: systemClock,
          report: view.follow(several ? title : null),
          onWait: (leftMs) => recordWait(open, title, leftMs),
        });
        // A program reads its lines as they come; people get the summaries below each other at the end.
        if (flags.json === true) await tellProgram(context, credential, outcome);
        return [credential, outcome] as const;
      };
      outcomes = await inParallel(credentials, syncOne, width);
    } finally {
      view.close();
    }
    if (flags.json !== true) {
      for (const [credential, outcome] of outcomes) await notifyPerson(context, titleOf(credential), outcome);
    }
    return combineExitCodes(outcomes.map(([, outcome]) => outcome.exitCode));
  });
}

function titleOf(credential: CredentialSummary): string {
  return `${credential.companyId} ${credential.environment}`;
}

function viewFor(context: CommandContext, flags: SyncFlags): ProgressView {
  if (flags.json === true) return jsonView(context.stdout);
  const stream = context.stderr;
  if (!isTerminal(stream)) return plainView(stream, systemClock);
  return barsView({ stream, style: styleFor(stream, context.environment), clock: systemClock });
}

function recordWait(open: OpenTitan, title: string, leftMs: number): void {
  open.note(
    `${title}: another process has this credential's run. Waiting up to ${formatDuration(leftMs)} for a sign of life.`,
  );
}

async function tellProgram(
  context: CommandContext,
  credential: CredentialSummary,
  outcome: SyncOutcome,
): Promise<void> {
  if (outcome.kind === "ended") return;
  await writeJson(context.stdout, endOfRefusedRun(credential, outcome));
  await reportError(outcome.error, context.stderr);
}

async function notifyPerson(context: CommandContext, title: string, outcome: SyncOutcome): Promise<void> {
  if (outcome.kind === "ended") {
    const style = styleFor(context.stdout, context.environment);
    await writeLine(context.stdout, summariseRun(title, outcome.result, style));
    return;
  }
  await writeLine(context.stderr, `${title}: not synced`);
  await reportError(outcome.error, context.stderr);
}
