import type { Command } from "commander";
import type { CommandContext, GlobalFlags } from "../program/context.js";
import type { ExitCode } from "../program/exit-codes.js";
import type { Perform } from "../program/register.js";
import { addManySelector, type ManySelector } from "./select-credentials.js";
import { runSync } from "./sync.js";

interface RejectionsReplayFlags extends ManySelector {
  readonly dryRun?: boolean | undefined;
  readonly json?: boolean | undefined;
}

export function registerRejectionsReplay(rejections: Command, perform: Perform): void {
  addManySelector(
    rejections
      .command("replay")
      .description(
        "check and derive rejected rows and records again, without the API; use after a change of rules or mapping",
      ),
  )
    .option("--dry-run", "show what would change in the records, and change nothing")
    .option("--json", "print one JSON event per line")
    .action((flags: RejectionsReplayFlags) =>
      perform((context, globals) => runRejectionsReplay(context, globals, flags)),
    );
}

/** A run as any other, and reported as one. */
export function runRejectionsReplay(
  context: CommandContext,
  globals: GlobalFlags,
  flags: RejectionsReplayFlags,
): Promise<ExitCode> {
  const { dryRun } = flags;
  return runSync(context, globals, { ...flags, data: "both" }, { replay: true, dryRun, actor: "cli" });
}
