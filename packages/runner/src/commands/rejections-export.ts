import { resolve } from "node:path";
import type { Writable } from "node:stream";
import { eachItem, type TitanSync } from "@titan-sync/core";
import { writeFileAtomically } from "@titan-sync/core/support";
import type { Command } from "commander";
import { withTitan } from "../database/with-titan.js";
import { countOf } from "../output/format.js";
import { writeJson } from "../output/write.js";
import type { CommandContext, GlobalFlags } from "../program/context.js";
import { type ExitCode, exitCodes } from "../program/exit-codes.js";
import type { Perform } from "../program/register.js";
import { addRejectionOptions, type RejectionFlags, rejectionFilterOf } from "./rejection-filter.js";
import { rejectionDocument } from "./rejections-list.js";

export interface RejectionsExportFlags extends RejectionFlags {
  readonly out?: string | undefined;
  readonly withPayload?: boolean | undefined;
}

export function registerRejectionsExport(rejections: Command, perform: Perform): void {
  addRejectionOptions(
    rejections.command("export").description("write rejections as JSON lines, most recently seen first"),
  )
    .option("--with-payload", "include the original rows, which contain names, phones and addresses")
    .option("--out <file>", "output file instead of standard output; created when complete")
    .action((flags: RejectionsExportFlags) =>
      perform((context, globals) => runRejectionsExport(context, globals, flags)),
    );
}

export async function runRejectionsExport(
  context: CommandContext,
  globals: GlobalFlags,
  flags: RejectionsExportFlags,
): Promise<ExitCode> {
  return withTitan(context, globals, async ({ titan, signal, note }) => {
    if (flags.out === undefined) {
      await exportRejections(titan.rejections, flags, context.stdout, signal);
      return exitCodes.success;
    }
    const path = resolve(context.workingDirectory, flags.out);
    let count = 0;
    await writeFileAtomically(path, async (stream) => {
      count = await exportRejections(titan.rejections, flags, stream, signal);
    });
    note(`${countOf(count, "rejection")} written to ${path}`);
    return exitCodes.success;
  });
}

/** @returns how many were written. */
export async function exportRejections(
  rejections: Pick<TitanSync["rejections"], "list">,
  flags: RejectionsExportFlags,
  stream: Writable,
  signal: AbortSignal,
): Promise<number> {
  let count = 0;
  for await (const rejection of eachItem((page) => rejections.list(rejectionFilterOf(flags), page), {
    signal,
  })) {
    const { payload } = rejection;
    await writeJson(
      stream,
      flags.withPayload === true
        ? { ...rejectionDocument(rejection), payload }
        : rejectionDocument(rejection),
    );
    count += 1;
  }
  return count;
}
