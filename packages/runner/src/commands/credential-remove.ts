import { confirm, isCancel } from "@clack/prompts";
import { AbortedError, type CredentialSummary } from "@titan-sync/core";
import type { Command } from "commander";
import { withTitan } from "../database/with-titan.js";
import { writeJson, writeLine } from "../output/write.js";
import { type CommandContext, type GlobalFlags, isTerminal } from "../program/context.js";
import { type ExitCode, exitCodes } from "../program/exit-codes.js";
import type { Perform } from "../program/register.js";
import { UsageError } from "../program/usage-error.js";
import { requireCredential } from "./select-credentials.js";

export interface CredentialRemoveFlags {
  readonly force?: boolean | undefined;
  readonly withData?: boolean | undefined;
  readonly yes?: boolean | undefined;
  readonly json?: boolean | undefined;
}

export function registerCredentialRemove(credential: Command, perform: Perform): void {
  credential
    .command("remove")
    .description("remove a credential; its synced data is kept unless you pass --with-data")
    .argument("<id>", "the credential")
    .option("--with-data", "also remove the tenant's stored data; delivered records are kept")
    .option("--force", "remove even within 24 hours of a sync")
    .option("--yes", "do not ask for confirmation")
    .option("--json", "print one JSON document")
    .action((id: string, flags: CredentialRemoveFlags) =>
      perform((context, globals) => runCredentialRemove(context, globals, id, flags)),
    );
}

/** Exits 1 when it was used for a sync within 24 hours, or is being used. */
export async function runCredentialRemove(
  context: CommandContext,
  globals: GlobalFlags,
  id: string,
  flags: CredentialRemoveFlags,
): Promise<ExitCode> {
  return withTitan(
    context,
    globals,
    async ({ titan }) => {
      const credential = await requireCredential(titan.credentials, id);
      const withData = flags.withData === true;
      if (flags.yes !== true) await requireConsent(context, credential, withData);
      await titan.credentials.remove(id, { actor: "cli", force: flags.force === true, withData });
      if (flags.json === true) await writeJson(context.stdout, { id, removed: true, withData });
      else
        await writeLine(context.stdout, `Removed${withData ? ", with the stored data of its tenant" : ""}.`);
      return exitCodes.success;
    },
    { writes: true },
  );
}

/** @throws {@link AbortedError} when the user declines; {@link UsageError} when nobody can be asked. */
async function requireConsent(
  context: CommandContext,
  { companyId, environment, tenantId }: CredentialSummary,
  withData: boolean,
): Promise<void> {
  if (!isTerminal(context.stdin) || !isTerminal(context.stderr)) {
    throw new UsageError(
      "Removing a credential needs confirmation, and there is no terminal to ask on.",
      "Pass --yes.",
    );
  }
  const what = withData ? "the credential and all stored data" : "the credential";
  const answer = await confirm({
    message: `Remove ${what} of company ${companyId} (${environment}, tenant ${tenantId})?`,
    initialValue: false,
    input: context.stdin,
    output: context.stderr,
    signal: context.signal,
  });
  if (isCancel(answer) || !answer) throw new AbortedError("Nothing was removed.");
}
