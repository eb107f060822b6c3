import {
  type CredentialStateName,
  type CredentialStatus,
  type CredentialSummary,
  credentialStates,
  isoTime,
  statesOfConcern,
  type TitanSync,
} from "@titan-sync/core";
import { type Command, Option } from "commander";
import { withTitan } from "../database/with-titan.js";
import { formatCount } from "../output/format.js";
import { formatTable } from "../output/table.js";
import { writeJson, writeLine } from "../output/write.js";
import type { CommandContext, GlobalFlags } from "../program/context.js";
import { type ExitCode, exitCodes } from "../program/exit-codes.js";
import type { Perform } from "../program/register.js";
import { pauseDocument } from "./credential-pause.js";
import { addPageOptions, type PageFlags } from "./page-options.js";
import { runDocument } from "./run-document.js";

interface StatusFlags extends PageFlags {
  readonly company?: string | undefined;
  readonly environment?: CredentialSummary["environment"] | undefined;
  readonly state?: readonly CredentialStateName[] | undefined;
  readonly sort: "freshness";
}

export function registerStatus(program: Command, perform: Perform): void {
  addPageOptions(
    program
      .command("status")
      .description("show the state of each credential; exits 3 when one needs attention")
      .option("--company <id>", "filter by company")
      .addOption(
        new Option("--environment <environment>", "filter by environment").choices([
          "integration",
          "production",
        ]),
      )
      .addOption(new Option("--state <state...>", "filter by state").choices(credentialStates))
      .addOption(
        new Option("--sort <order>", "the stalest first").choices(["freshness"]).default("freshness"),
      ),
  ).action((flags: StatusFlags) => perform((context, globals) => runStatus(context, globals, flags)));
}

/** Exits 3 when any credential shown is late, failing, degraded or refused. */
export async function runStatus(
  context: CommandContext,
  globals: GlobalFlags,
  flags: StatusFlags,
): Promise<ExitCode> {
  return withTitan(context, globals, async ({ titan, databaseName }) => {
    const { items, next } = await titan.status.list(
      { companyId: flags.company, environment: flags.environment, states: flags.state },
      { limit: flags.limit, cursor: flags.cursor },
    );
    const documents = await Promise.all(items.map((status) => statusDocument(titan, status)));
    const exitCode = items.some(({ state }) => statesOfConcern.includes(state))
      ? exitCodes.partial
      : exitCodes.success;
    if (flags.json === true) {
      await writeJson(context.stdout, { database: databaseName, items: documents, next });
      return exitCode;
    }
    await writeLine(context.stdout, `database: ${databaseName}\n`);
    await writeLine(context.stdout, documents.length === 0 ? emptyText(flags) : tableOf(items));
    if (next !== null) await writeLine(context.stdout, `\nMore with --cursor ${next}`);
    return exitCode;
  });
}

function emptyText({ company, environment, state }: StatusFlags): string {
  return company === undefined && environment === undefined && state === undefined
    ? 'No credentials. Add one with "titan-sync credential add".'
    : "No credentials match.";
}

/** One credential with its current run and its latest one. */
async function statusDocument(titan: TitanSync, status: CredentialStatus) {
  const { credentialId, running, last } = status;
  const [credential, current, newest] = await Promise.all([
    titan.credentials.find(credentialId),
    running === null ? null : titan.runs.find(running.runId),
    titan.runs.list({ credentialId }, { limit: 1 }),
  ]);
  const [lastRun] = newest.items;
  return {
    credentialId,
    companyId: status.companyId,
    environment: status.environment,
    tenantId: status.tenantId,
    state: status.state,
    why: status.why,
    freshAsOf: timesOf(status.freshAsOf),
    missing: status.missing,
    nextRunAt: isoTime(status.nextRunAt),
    running:
      running === null
        ? null
        : { ...running, startedAt: isoTime(running.startedAt), lastBeatAt: isoTime(running.lastBeatAt) },
    pause: status.pause === null ? null : pauseDocument(status.pause),
    failures: status.failures,
    failingSince: isoTime(status.failingSince),
    degradedSince: isoTime(status.degradedSince),
    lastGoodAt: isoTime(status.lastGood?.endedAt ?? null),
    lastEnded: last === null ? null : endedDocument(last),
    connectionStatus: status.connection,
    lastConnectionAttemptAt: isoTime(credential?.lastConnectionAttemptAt ?? null),
    lastSyncAt: isoTime(credential?.lastSyncAt ?? null),
    currentRun: current === null ? null : runDocument(current),
    lastRun: lastRun === undefined ? null : runDocument(lastRun),
  };
}

function endedDocument({ startedAt, endedAt, ...run }: NonNullable<CredentialStatus["last"]>) {
  return { ...run, startedAt: isoTime(startedAt), endedAt: isoTime(endedAt) };
}

function timesOf(times: CredentialStatus["freshAsOf"]) {
  return Object.fromEntries(Object.entries(times).map(([data, time]) => [data, isoTime(time)]));
}

function tableOf(items: readonly CredentialStatus[]): string {
  return formatTable(
    ["company", "environment", "tenant", "state", "fresh as of", "running", "why"],
    items.map((status) => [
      status.companyId,
      status.environment,
      status.tenantId,
      status.state,
      freshnessOf(status),
      runningOf(status),
      status.why,
    ]),
  );
}

function freshnessOf({ freshAsOf }: CredentialStatus): string {
  const entries = Object.entries(freshAsOf);
  if (entries.length === 0) return "never";
  return entries.map(([data, time]) => `${data} ${isoTime(time) ?? "unknown"}`).join(", ");
}

function runningOf({ running }: CredentialStatus): string {
  if (running === null) return "no";
  const { status, feed, rows, worker, lastBeatAt } = running;
  // Nobody has it in hand: the next worker, or the same command, continues it.
  if (status === "paused") return `waits to continue after ${formatCount(rows)} rows`;
  const where = worker === null ? "" : ` by process ${worker.pid} on ${worker.host}`;
  const last = feed === null ? "" : `, the last of ${feed}`;
  return `${status}${where}, ${formatCount(rows)} rows${last}, last seen ${isoTime(lastBeatAt)}`;
}
