import {
  type CredentialSummary,
  type LeaseWait,
  type SyncEvent,
  systemClock,
  type TenantOutcome,
} from "@titan-sync/core";
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
import { addManySelector, checkSelector, selectMany } from "./select-credentials.js";
import { type SyncFlags, syncRequestOf } from "./sync-flags.js";
import { endWithoutRun, exitCodeOfOutcome, summariseOutcomes } from "./sync-outcome.js";

/** Credentials processed at once: a slow tenant delays few others, and memory stays bounded. */
const width = 4;

export function registerSync(program: Command, perform: Perform): void {
  addManySelector(
    program.command("sync").description("copy customers and invoices of one, several or all credentials"),
  )
    .addOption(
      new Option("--data <data>", "what to sync")
        .choices(["customers", "invoices", "both"])
        .makeOptionMandatory(),
    )
    .addOption(
      new Option("--mode <mode>", "full reads everything again (default: incremental)").choices([
        "incremental",
        "full",
      ]),
    )
    .option("--fresh", "include the most recent changes, which normally arrive 15 minutes late")
    .option("--rederive", "derive every record again from stored data, without the API")
    .option("--allow-removals", "allow a full pass to remove more than 5% of the records")
    .addOption(new Option("--from <date>", "start date or instant, UTC, inclusive").argParser(parseInstant))
    .addOption(new Option("--to <date>", "end date or instant, UTC, exclusive").argParser(parseInstant))
    .addOption(
      new Option("--by <date>", "the date that --from and --to apply to (default: modified)").choices([
        "modified",
        "created",
        "invoiced",
      ]),
    )
    .option("--dry-run", "show what would change in the records, and change nothing")
    .addOption(
      new Option(
        "--stop-after <duration>",
        "pause after this time; the same command continues the run",
      ).argParser(parseDuration),
    )
    .option("--json", "print one JSON event per line")
    .action((flags: SyncFlags) => perform((context, globals) => runSync(context, globals, flags)));
}

/** Syncs the selected credentials and reports the result of each. */
export async function runSync(
  context: CommandContext,
  globals: GlobalFlags,
  flags: SyncFlags,
  request = syncRequestOf(flags),
): Promise<ExitCode> {
  checkSelector(flags);
  return withTitan(
    context,
    globals,
    async (open) => {
      const credentials = await selectMany(open.titan, flags);
      const outcomes = await syncCredentials(context, open, { flags, request, credentials });
      if (flags.json !== true) {
        for (const outcome of inOrderOf(credentials, outcomes)) await notifyPerson(context, outcome);
        if (outcomes.length !== 1) await writeLine(context.stdout, `\n${summariseOutcomes(outcomes)}`);
      }
      return combineExitCodes(outcomes.map((outcome) => exitCodeOfOutcome(outcome, open.signal)));
    },
    { writes: flags.dryRun !== true },
  );
}

interface SelectedSync {
  readonly flags: SyncFlags;
  readonly request: ReturnType<typeof syncRequestOf>;
  readonly credentials: readonly CredentialSummary[];
}

/** Shows progress while it runs. Programs read lines as they appear; people get the summaries at the end. */
async function syncCredentials(
  context: CommandContext,
  open: OpenTitan,
  { flags, request, credentials }: SelectedSync,
): Promise<readonly TenantOutcome[]> {
  const view = viewFor(context, flags);
  const report = reporterFor(view, credentials);
  const withoutRun: TenantOutcome[] = [];
  const tellWithoutRun = async (): Promise<void> => {
    for (const outcome of withoutRun.splice(0)) await tellProgram(context, outcome, open.signal);
  };
  try {
    const run = await open.titan.syncAll({
      ...request,
      filter: { credentialIds: credentials.map(({ id }) => id) },
      concurrency: width,
      // Of one, whoever asked for it should learn at once that it is in progress.
      waitForOthers: isForMany(flags),
      signal: open.signal,
      onLeaseWait: (wait) => tellWait(open, wait, isForMany(flags)),
      onOutcome: (outcome) => {
        if (flags.json === true && outcome.result === null) withoutRun.push(outcome);
      },
    });
    for await (const event of run.events()) {
      await report(event);
      await tellWithoutRun();
    }
    const { tenants } = await run.result;
    await tellWithoutRun();
    return tenants;
  } finally {
    view.close();
  }
}

function isForMany({ all, company = [] }: SyncFlags): boolean {
  return all === true || company.length > 1;
}

/** Passes each run's events to a separate part of the view. */
function reporterFor(
  view: ProgressView,
  credentials: readonly CredentialSummary[],
): (event: SyncEvent) => Promise<void> {
  const titles = new Map(credentials.map((credential) => [credential.id, titleOf(credential)]));
  const followers = new Map<string, (event: SyncEvent) => Promise<void>>();
  return async (event) => {
    const { credentialId, companyId } = event;
    const label = credentials.length > 1 ? (titles.get(credentialId) ?? companyId) : null;
    const follow = followers.get(credentialId) ?? view.follow(label);
    followers.set(credentialId, follow);
    await follow(event);
  };
}

/** Summaries are in the order in which credentials are listed, whichever started first. */
function inOrderOf(
  credentials: readonly CredentialSummary[],
  outcomes: readonly TenantOutcome[],
): readonly TenantOutcome[] {
  const places = new Map(credentials.map(({ id }, place) => [id, place]));
  const placeOf = ({ credentialId }: TenantOutcome): number => places.get(credentialId) ?? places.size;
  return outcomes.toSorted((left, right) => placeOf(left) - placeOf(right));
}

function titleOf({ companyId, environment }: Pick<CredentialSummary, "companyId" | "environment">): string {
  return `${companyId} ${environment}`;
}

function viewFor(context: CommandContext, flags: SyncFlags): ProgressView {
  if (flags.json === true) return jsonView(context.stdout);
  const stream = context.stderr;
  if (!isTerminal(stream)) return plainView(stream, systemClock);
  return barsView({ stream, style: styleFor(stream, context.environment), clock: systemClock });
}

function tellWait(open: OpenTitan, wait: LeaseWait, isForMany: boolean): void {
  const until = isForMany
    ? "It is synced after the others, when that run has ended."
    : `Waiting up to ${formatDuration(wait.leftMs)} for a sign of life.`;
  open.note(`${titleOf(wait)}: another process has this credential's run. ${until}`);
}

async function tellProgram(
  context: CommandContext,
  outcome: TenantOutcome,
  signal: AbortSignal,
): Promise<void> {
  await writeJson(context.stdout, endWithoutRun(outcome, signal));
  if (outcome.cause !== null) await reportError(outcome.cause, context.stderr);
}

async function notifyPerson(context: CommandContext, outcome: TenantOutcome): Promise<void> {
  const title = titleOf(outcome);
  if (outcome.result !== null) {
    const style = styleFor(context.stdout, context.environment);
    await writeLine(context.stdout, summariseRun(title, outcome.result, style));
    return;
  }
  await writeLine(context.stderr, `${title}: not synced`);
  if (outcome.cause !== null) await reportError(outcome.cause, context.stderr);
}
