import type { RejectionCount } from "@titan-sync/core";
import type { Command } from "commander";
import { withTitan } from "../database/with-titan.js";
import { formatCount } from "../output/format.js";
import { type ListLayout, printList } from "../output/print-list.js";
import type { CommandContext, GlobalFlags } from "../program/context.js";
import { type ExitCode, exitCodes } from "../program/exit-codes.js";
import type { Perform } from "../program/register.js";
import { addRejectionOptions, type RejectionFlags, rejectionFilterOf } from "./rejection-filter.js";

interface RejectionsCountFlags extends RejectionFlags {
  readonly json?: boolean | undefined;
}

const layout: ListLayout<RejectionCount> = {
  empty: "No rejections.",
  columns: [
    ["feed", (count) => count.feed],
    ["stage", (count) => count.stage],
    ["rules", (count) => count.rules.join(", ")],
    ["rejections", (count) => formatCount(count.count)],
  ],
};

export function registerRejectionsCount(rejections: Command, perform: Perform): void {
  addRejectionOptions(
    rejections.command("count").description("count rejections by reason, most frequent first"),
  )
    .option("--json", "print one JSON document")
    .action((flags: RejectionsCountFlags) =>
      perform((context, globals) => runRejectionsCount(context, globals, flags)),
    );
}

export async function runRejectionsCount(
  context: CommandContext,
  globals: GlobalFlags,
  flags: RejectionsCountFlags,
): Promise<ExitCode> {
  return withTitan(context, globals, async ({ titan }) => {
    const items = await titan.rejections.count(rejectionFilterOf(flags));
    await printList(context.stdout, { items, next: null }, layout, flags.json === true);
    return exitCodes.success;
  });
}
