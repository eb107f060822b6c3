import type { PruneRequest, PruneResult } from "@titan-sync/core";
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

const dayMs = 24 * 60 * 60 * 1000;

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
      const pruned = await titan.prune({ ...agesOf(flags.olderThan), signal });
      if (flags.json === true) await writeJson(context.stdout, pruned);
      else await writeLine(context.stdout, describe(pruned));
      return exitCodes.success;
    },
    { writes: true },
  );
}

/** What is kept for a shorter time anyway is not kept longer. */
export function agesOf(olderThanMs: number | undefined): PruneRequest {
  if (olderThanMs === undefined) return {};
  return {
    runsOlderThanMs: olderThanMs,
    auditOlderThanMs: olderThanMs,
    rejectionsOlderThanMs: Math.min(olderThanMs, 30 * dayMs),
    idleRunsOlderThanMs: Math.min(olderThanMs, 7 * dayMs),
    pausesOlderThanMs: Math.min(olderThanMs, 7 * dayMs),
    startsOlderThanMs: Math.min(olderThanMs, 14 * dayMs),
  };
}

function describe({ runs, pauses, rejections, audit, starts }: PruneResult): string {
  const parts = [
    `${countOf(runs, "run")} and ${countOf(audit, "audit entry", "audit entries")} deleted`,
    `${countOf(starts, "entry", "entries")} of the start ledger deleted`,
    `${countOf(pauses, "run")} ended because nobody continued them`,
    `${countOf(rejections, "payload")} of rejections deleted`,
  ];
  return `${parts.join(", ")}.`;
}
