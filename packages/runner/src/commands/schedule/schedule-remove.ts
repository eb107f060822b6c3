import type { Command } from "commander";
import { withTitan } from "../../database/with-titan.js";
import { writeJson, writeLine } from "../../output/write.js";
import type { CommandContext, GlobalFlags } from "../../program/context.js";
import { type ExitCode, exitCodes } from "../../program/exit-codes.js";
import type { Perform } from "../../program/register.js";
import { requireCredential } from "../select-credentials.js";
import type { ScheduleOfFlags } from "./schedule-show.js";

export function registerScheduleRemove(schedule: Command, perform: Perform): void {
  schedule
    .command("remove")
    .description("remove a credential's schedule; nothing starts by itself any more")
    .requiredOption("--credential <id>", "the credential")
    .option("--json", "print one JSON document")
    .action((flags: ScheduleOfFlags) =>
      perform((context, globals) => runScheduleRemove(context, globals, flags)),
    );
}

export async function runScheduleRemove(
  context: CommandContext,
  globals: GlobalFlags,
  flags: ScheduleOfFlags,
): Promise<ExitCode> {
  return withTitan(
    context,
    globals,
    async ({ titan }) => {
      const { id } = await requireCredential(titan.credentials, flags.credential);
      const removed = await titan.schedules.remove(id, { actor: "cli" });
      if (flags.json === true) await writeJson(context.stdout, { credentialId: id, removed });
      else await writeLine(context.stdout, removed ? "Removed." : `The credential ${id} had no schedule.`);
      return exitCodes.success;
    },
    { writes: true },
  );
}
