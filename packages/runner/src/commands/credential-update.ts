import type { CredentialChanges, CredentialSummary, SavedCredential } from "@titan-sync/core";
import type { Command } from "commander";
import { type OpenTitan, withTitan } from "../database/with-titan.js";
import { writeJson, writeLine } from "../output/write.js";
import type { CommandContext, GlobalFlags } from "../program/context.js";
import { type ExitCode, exitCodes } from "../program/exit-codes.js";
import type { Perform } from "../program/register.js";
import { UsageError } from "../program/usage-error.js";
import { type CompanyFlags, checkCompanyFlags, saveCompany } from "./company-flags.js";
import { credentialDocument } from "./credential-document.js";
import { readChangedSecrets } from "./credential-secrets.js";
import { requireCredential } from "./select-credentials.js";

export interface CredentialUpdateFlags extends CompanyFlags {
  readonly tenant?: string | undefined;
  readonly clientId?: string | undefined;
  readonly secretsStdin?: boolean | undefined;
  /** `false` with `--no-test`. */
  readonly test: boolean;
  readonly json?: boolean | undefined;
}

export function registerCredentialUpdate(credential: Command, perform: Perform): void {
  credential
    .command("update")
    .description("change a credential or its company; values that you do not pass are kept")
    .argument("<id>", "the credential")
    .option("--tenant <id>", "ServiceTitan tenant id; cannot change once data of the old tenant is stored")
    .option("--client-id <id>", "client id for the environment")
    .option("--secrets-stdin", 'read {"clientSecret":"…","appKey":"…"}, or one of them, from standard input')
    .option("--trade <name>", "the company's trade")
    .option("--time-zone <zone>", "IANA time zone for the company's dates")
    .option("--no-test", "save without testing the connection")
    .option("--json", "print the credential as JSON, with masked secrets")
    .addHelpText("after", secretsHelp)
    .action((id: string, flags: CredentialUpdateFlags) =>
      perform((context, globals) => runCredentialUpdate(context, globals, id, flags)),
    );
}

const secretsHelp = `
Without --secrets-stdin, new secrets are read from TITAN_SYNC_CLIENT_SECRET and TITAN_SYNC_APP_KEY if set.
On a terminal, if you pass no other change, the command prompts for them.`;

/** Tests the new values, unless told not to, and saves them and what changes of the company. */
export async function runCredentialUpdate(
  context: CommandContext,
  globals: GlobalFlags,
  id: string,
  flags: CredentialUpdateFlags,
): Promise<ExitCode> {
  checkCompanyFlags(flags);
  return withTitan(
    context,
    globals,
    async (open) => {
      const { titan, note } = open;
      const credential = await requireCredential(titan.credentials, id);
      const changes = await readChanges(context, flags, note);
      const changesCompany = flags.trade !== undefined || flags.timeZone !== undefined;
      if (Object.keys(changes).length === 0 && !changesCompany) throw nothingToChange();

      const { warnings, ...saved } = await saveChanges(open, credential, changes, flags.test);
      if (changesCompany) await saveCompany(titan, credential.companyId, flags);
      for (const warning of warnings) note(`warning: ${warning}`);
      const document = await credentialDocument(titan, saved);
      if (flags.json === true) await writeJson(context.stdout, { ...document, warnings });
      else
        await writeLine(
          context.stdout,
          `Saved. The credential is ${saved.status}, version ${saved.version}.`,
        );
      return exitCodes.success;
    },
    { writes: true },
  );
}

async function readChanges(
  context: CommandContext,
  flags: CredentialUpdateFlags,
  note: (text: string) => void,
): Promise<CredentialChanges> {
  const { tenant, clientId, secretsStdin, trade, timeZone } = flags;
  const isAlone = [tenant, clientId, trade, timeZone].every((value) => value === undefined);
  const secrets = await readChangedSecrets(context, {
    fromStandardInput: secretsStdin === true,
    mayAsk: isAlone,
    note,
  });
  const changes = { tenantId: tenant, clientId, ...secrets };
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}

/** Nothing is tested and nothing saved when only the company changes. */
async function saveChanges(
  { titan, signal, note }: OpenTitan,
  credential: CredentialSummary,
  changes: CredentialChanges,
  test: boolean,
): Promise<SavedCredential> {
  if (Object.keys(changes).length === 0) return { ...credential, warnings: [] };
  if (test) note("Testing the connection: requesting a token and one customer …");
  const { id, version: expectedVersion } = credential;
  return await titan.credentials.update(id, changes, { test, expectedVersion, actor: "cli", signal });
}

function nothingToChange(): UsageError {
  return new UsageError(
    "Nothing to change.",
    "Pass --tenant, --client-id, --secrets-stdin, --trade or --time-zone. A credential's environment cannot change.",
  );
}
