import type { PruneResult } from "@titan-sync/core";
import type { Command } from "commander";
import { withTitan } from "../database/with-titan.js";
import { countOf } from "../output/format.js";
import { writeJson, writeLine } from "../output/write.js";
import { parseDuration } from "../program/arguments.js";
import type { CommandContext, GlobalFlags } from "../program/context.js";
import { type ExitCode, exitCodes } from "../program/exit-codes.js";
import type { Perform } from "../program/register.js";

export interface PruneFlags {
  readonly olderThan?: number | undefined;
  readonly json?: boolean | undefined;
}

export function registerPrune(program: Command, perform: Perform): void {
  program
    .command("prune")
    .description("delete history older than its retention, but never open work")
    .option(
      "--older-than <duration>",
      "keep runs and the audit log this long (default: 400d), and all other history no longer",
      parseDuration,
    )
    .option("--json", "print one JSON document")
    .action((flags: PruneFlags) => perform((context, globals) => runPrune(context, globals, flags)));
}

/** To be called daily, for instance by cron: it works in small steps, beside syncs. */
export async function runPrune(
  context: CommandContext,
  globals: GlobalFlags,
  flags: PruneFlags,
): Promise<ExitCode> {
  return withTitan(
    context,
    globals,
    async ({ titan, signal }) => {
      const pruned = await titan.prune({ olderThanMs: flags.olderThan, signal });
      if (flags.json === true) await writeJson(context.stdout, pruned);
      else await writeLine(context.stdout, describe(pruned));
      return exitCodes.success;
    },
    { writes: true },
  );
}

function describe({ runs, pauses, rejections, audit, starts, alerts }: PruneResult): string {
  const parts = [
    `${countOf(runs, "run")} and ${countOf(audit, "audit entry", "audit entries")} deleted`,
    `${countOf(starts, "entry", "entries")} of the start ledger deleted`,
    `${countOf(alerts, "entry", "entries")} of the alerts deleted`,
    `${countOf(pauses, "run")} ended because nobody continued them`,
    `${countOf(rejections, "payload")} of rejections deleted`,
  ];
  return `${parts.join(", ")}.`;
}
