import type { RunStatus } from "@titan-sync/core";
import { type Command, Option } from "commander";
import { withTitan } from "../database/with-titan.js";
import { formatCount, formatDuration } from "../output/format.js";
import { type ListLayout, printList } from "../output/print-list.js";
import type { CommandContext, GlobalFlags } from "../program/context.js";
import { type ExitCode, exitCodes } from "../program/exit-codes.js";
import type { Perform } from "../program/register.js";
import { addPageOptions, type PageFlags } from "./page-options.js";
import { type RunDocument, runDocument } from "./run-document.js";

interface HistoryFlags extends PageFlags {
  readonly credential?: string | undefined;
  readonly company?: string | undefined;
  readonly status?: RunStatus | undefined;
}

const layout: ListLayout<RunDocument> = {
  empty: "No runs yet.",
  columns: [
    ["run", (run) => run.id],
    ["company", (run) => run.companyId],
    ["environment", (run) => run.environment],
    ["data", (run) => run.data],
    ["mode", (run) => (run.replay ? "replay" : run.rederive ? "rederive" : run.mode)],
    ["status", (run) => run.status],
    ["started", (run) => run.startedAt],
    ["took", (run) => formatDuration(run.durationMs)],
    ["delivered", (run) => formatCount(run.successful)],
    ["unchanged", (run) => formatCount(run.unchanged)],
    ["rejected", (run) => formatCount(run.failed)],
    ["error", (run) => run.errorMessage ?? ""],
  ],
};

export function registerHistory(program: Command, perform: Perform): void {
  addPageOptions(
    program
      .command("history")
      .description("list runs, newest first")
      .option("--credential <id>", "filter by credential")
      .option("--company <id>", "filter by company")
      .addOption(
        new Option("--status <status>", "filter by status").choices([
          "running",
          "lost",
          "completed",
          "partial",
          "failed",
          "cancelled",
          "paused",
        ]),
      ),
  ).action((flags: HistoryFlags) => perform((context, globals) => runHistory(context, globals, flags)));
}

export async function runHistory(
  context: CommandContext,
  globals: GlobalFlags,
  flags: HistoryFlags,
): Promise<ExitCode> {
  return withTitan(context, globals, async ({ titan }) => {
    const { items, next } = await titan.runs.list(
      { companyId: flags.company, credentialId: flags.credential, status: flags.status },
      { limit: flags.limit, cursor: flags.cursor },
    );
    await printList(context.stdout, { items: items.map(runDocument), next }, layout, flags.json === true);
    return exitCodes.success;
  });
}
