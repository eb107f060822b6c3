import type { Command } from "commander";
import { withTitan } from "../database/with-titan.js";
import { formatDuration } from "../output/format.js";
import { styleFor } from "../output/style.js";
import { writeJson, writeLine } from "../output/write.js";
import type { CommandContext, GlobalFlags } from "../program/context.js";
import { type ExitCode, exitCodes } from "../program/exit-codes.js";
import type { Perform } from "../program/register.js";
import { requireCredential } from "./select-credentials.js";

export function registerCredentialTest(credential: Command, perform: Perform): void {
  credential
    .command("test")
    .description("test a credential: request a token and one customer")
    .argument("<id>", "the credential")
    .option("--json", "print one JSON document")
    .action((id: string, flags: { json?: boolean }) =>
      perform((context, globals) => runCredentialTest(context, globals, id, flags.json === true)),
    );
}

/** Exits 1 when ServiceTitan does not accept the credential. */
export async function runCredentialTest(
  context: CommandContext,
  globals: GlobalFlags,
  id: string,
  json: boolean,
): Promise<ExitCode> {
  return withTitan(
    context,
    globals,
    async ({ titan, signal }) => {
      await requireCredential(titan.credentials, id);
      const test = await titan.credentials.test(id, { actor: "cli", signal });
      if (json) await writeJson(context.stdout, { id, ...test });
      else {
        const style = styleFor(context.stdout, context.environment);
        for (const step of test.steps) {
          const sign = step.ok ? style("green", "✓") : style("red", "✗");
          await writeLine(
            context.stdout,
            `${sign} ${step.step}: ${step.message} (${formatDuration(step.durationMs)})`,
          );
          if (step.hint !== null) await writeLine(context.stdout, `  hint: ${step.hint}`);
        }
      }
      return test.ok ? exitCodes.success : exitCodes.failure;
    },
    { writes: true },
  );
}
