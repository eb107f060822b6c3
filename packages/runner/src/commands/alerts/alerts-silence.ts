import { randomUUID } from "node:crypto";
import { alertKinds, isoTime } from "@titan-sync/core";
import { type Command, Option } from "commander";
import { withTitan } from "../../database/with-titan.js";
import { writeJson, writeLine } from "../../output/write.js";
import { parseDuration } from "../../program/arguments.js";
import type { CommandContext, GlobalFlags } from "../../program/context.js";
import { type ExitCode, exitCodes } from "../../program/exit-codes.js";
import type { Perform } from "../../program/register.js";

interface SilenceFlags {
  readonly reason: string;
  readonly for: number;
  readonly kind?: string | undefined;
  readonly company?: string | undefined;
  readonly json?: boolean | undefined;
}

export function registerAlertsSilence(alerts: Command, perform: Perform): void {
  alerts
    .command("silence")
    .description("announce no alerts for a while; those that go on are announced afterward")
    .requiredOption("--reason <text>", "why, for whoever looks at it later")
    .requiredOption("--for <duration>", "how long, such as 2h", parseDuration)
    .addOption(new Option("--kind <kind>", "only alerts of this kind").choices(Object.keys(alertKinds)))
    .option("--company <id>", "only alerts of this company")
    .option("--json", "print one JSON document")
    .action((flags: SilenceFlags) =>
      perform((context, globals) => runAlertsSilence(context, globals, flags)),
    );
}

export async function runAlertsSilence(
  context: CommandContext,
  globals: GlobalFlags,
  { reason, for: durationMs, kind, company, json }: SilenceFlags,
): Promise<ExitCode> {
  return withTitan(
    context,
    globals,
    async ({ database, titan }) => {
      const silence = await database.storage().addSilence({
        ...{ id: randomUUID(), kind: kind ?? null, companyId: company ?? null },
        ...{ until: Date.now() + durationMs, reason, actor: "cli" },
      });
      await titan.audit.append({
        ...{ actor: "cli", action: "alerts:silence", subject: silence.id, outcome: "success" },
        companyId: company ?? "",
        details: { kind: silence.kind, until: silence.until, reason },
      });
      const until = isoTime(silence.until);
      if (json === true) await writeJson(context.stdout, { id: silence.id, until });
      else await writeLine(context.stdout, `Silenced until ${until}.`);
      return exitCodes.success;
    },
    { writes: true },
  );
}
