import { type CredentialSummary, isoTime, type TitanSync } from "@titan-sync/core";
import type { Command } from "commander";
import { withTitan } from "../database/with-titan.js";
import { formatTable } from "../output/table.js";
import { writeJson, writeLine } from "../output/write.js";
import type { CommandContext, GlobalFlags } from "../program/context.js";
import { type ExitCode, exitCodes } from "../program/exit-codes.js";
import type { Perform } from "../program/register.js";
import { addPageOptions, type PageFlags } from "./page-options.js";
import { runDocument } from "./run-document.js";

interface StatusFlags extends PageFlags {
  readonly company?: string | undefined;
}

export function registerStatus(program: Command, perform: Perform): void {
  addPageOptions(
    program
      .command("status")
      .description("show the state of each credential")
      .option("--company <id>", "filter by company"),
  ).action((flags: StatusFlags) => perform((context, globals) => runStatus(context, globals, flags)));
}

export async function runStatus(
  context: CommandContext,
  globals: GlobalFlags,
  flags: StatusFlags,
): Promise<ExitCode> {
  return withTitan(context, globals, async ({ titan, databaseName }) => {
    const { items, next } = await titan.credentials.list(
      { companyId: flags.company },
      { limit: flags.limit, cursor: flags.cursor },
    );
    const documents = await Promise.all(items.map((credential) => statusDocument(titan, credential)));
    if (flags.json === true) {
      await writeJson(context.stdout, { database: databaseName, items: documents, next });
      return exitCodes.success;
    }
    await writeLine(context.stdout, `database: ${databaseName}\n`);
    await writeLine(context.stdout, documents.length === 0 ? emptyText : tableOf(documents));
    if (next !== null) await writeLine(context.stdout, `\nMore with --cursor ${next}`);
    return exitCodes.success;
  });
}

const emptyText = 'No credentials. Add one with "titan-sync credential add".';

type StatusDocument = Awaited<ReturnType<typeof statusDocument>>;

/** One credential with its current run, its latest run, and the metrics of the last day's runs. */
async function statusDocument(titan: TitanSync, credential: CredentialSummary) {
  const [current, newest, lastDay] = await Promise.all([
    titan.runs.findCurrent(credential.id),
    titan.runs.list({ credentialId: credential.id }, { limit: 1 }),
    titan.runs.metrics({ credentialId: credential.id, from: Date.now() - 86_400_000 }),
  ]);
  const [last] = newest.items;
  return {
    credentialId: credential.id,
    companyId: credential.companyId,
    environment: credential.environment,
    tenantId: credential.tenantId,
    connectionStatus: credential.status,
    lastConnectionAttemptAt: isoTime(credential.lastConnectionAttemptAt),
    lastSyncAt: isoTime(credential.lastSyncAt),
    currentRun: current === null ? null : runDocument(current),
    lastRun: last === undefined ? null : runDocument(last),
    lastDay,
  };
}

function tableOf(documents: readonly StatusDocument[]): string {
  return formatTable(
    ["company", "environment", "tenant", "connection", "last sync", "last run", "current run"],
    documents.map((document) => [
      document.companyId,
      document.environment,
      document.tenantId,
      document.connectionStatus,
      document.lastSyncAt ?? "never",
      document.lastRun?.status ?? "none",
      document.currentRun === null ? "none" : `${document.currentRun.status} (${document.currentRun.id})`,
    ]),
  );
}
