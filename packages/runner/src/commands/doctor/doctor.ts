import type { Command } from "commander";
import { loadSettings } from "../../configuration/load-settings.js";
import { writeJson } from "../../output/write.js";
import type { CommandContext, GlobalFlags } from "../../program/context.js";
import { type ExitCode, exitCodes } from "../../program/exit-codes.js";
import type { Perform } from "../../program/register.js";
import { examine } from "./examine.js";
import { printFindings } from "./print-findings.js";

export function registerDoctor(program: Command, perform: Perform): void {
  program
    .command("doctor")
    .description("check everything that a sync needs, and say how to fix each problem")
    .option("--json", "print one JSON document")
    .option(
      "--deep",
      "also compare landed rows, delivered records and queued work with ServiceTitan, the sink and each other; slow",
    )
    .action(({ json = false, deep = false }: { json?: boolean; deep?: boolean }) =>
      perform((context, globals) => runDoctor(context, globals, { json, deep })),
    );
}

/**
 * Exits 1 when something is wrong. Ends within about a minute, however many credentials there are, unless it is to
 * look deep.
 */
export async function runDoctor(
  context: CommandContext,
  globals: GlobalFlags,
  { json, deep }: { readonly json: boolean; readonly deep: boolean },
): Promise<ExitCode> {
  const settings = await loadSettings(context, globals);
  const findings = await examine(context, settings, deep);
  const isFine = findings.every(({ level }) => level !== "problem");
  if (json) await writeJson(context.stdout, { ok: isFine, findings });
  else await printFindings(context, findings);
  return isFine ? exitCodes.success : exitCodes.failure;
}
