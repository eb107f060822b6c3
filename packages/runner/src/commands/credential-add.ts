import { type CredentialManager, credentialJson, type Environment, type TitanSync } from "@titan-sync/core";
import { type Command, Option } from "commander";
import { withTitan } from "../database/with-titan.js";
import { writeJson, writeLine } from "../output/write.js";
import type { CommandContext, GlobalFlags } from "../program/context.js";
import { type ExitCode, exitCodes } from "../program/exit-codes.js";
import type { Perform } from "../program/register.js";
import { type CompanyFlags, checkCompanyFlags, saveCompany } from "./company-flags.js";
import { type CredentialSecrets, readCredentialSecrets } from "./credential-secrets.js";

export interface CredentialAddFlags extends CompanyFlags {
  readonly company: string;
  readonly tenant: string;
  readonly environment: Environment;
  readonly clientId: string;
  readonly secretsStdin?: boolean | undefined;
  /** `false` with `--no-test`. */
  readonly test: boolean;
  readonly json?: boolean | undefined;
}

export function registerCredentialAdd(credential: Command, perform: Perform): void {
  credential
    .command("add")
    .description("connect a company to ServiceTitan; prints the credential's id")
    .requiredOption("--company <id>", "your key for the company")
    .requiredOption("--tenant <id>", "ServiceTitan tenant id (digits)")
    .addOption(
      new Option("--environment <environment>", "ServiceTitan environment")
        .choices(["integration", "production"])
        .makeOptionMandatory(),
    )
    .requiredOption("--client-id <id>", "client id for the environment")
    .option("--secrets-stdin", 'read {"clientSecret":"…","appKey":"…"} from standard input')
    .option("--trade <name>", "the company's trade (default: General, or unchanged)")
    .option("--time-zone <zone>", "IANA time zone for the company's dates (default: UTC, or unchanged)")
    .option("--no-test", "save without testing the connection")
    .option("--json", "print the credential as JSON, with masked secrets")
    .action((flags: CredentialAddFlags) =>
      perform((context, globals) => runCredentialAdd(context, globals, flags)),
    );
}

/** Asks for the secrets, tests the connection, saves the credential and what is known of its company. */
export async function runCredentialAdd(
  context: CommandContext,
  globals: GlobalFlags,
  flags: CredentialAddFlags,
): Promise<ExitCode> {
  checkCompanyFlags(flags);
  return withTitan(
    context,
    globals,
    async ({ titan, signal, note }) => {
      const secrets = await readCredentialSecrets(context, flags.secretsStdin === true);
      if (flags.test) note("Testing the connection: requesting a token and one customer …");
      const { warnings, ...credential } = await addCredential(titan, flags, secrets, signal);
      for (const warning of warnings) note(`warning: ${warning}`);
      const proposedSchedule = await titan.schedules.propose(credential.companyId);
      if (flags.json === true) {
        await writeJson(context.stdout, { ...credentialJson(credential), warnings, proposedSchedule });
      } else {
        note(
          flags.test
            ? "Connected and saved. Credential id:"
            : "Saved without a connection test. Credential id:",
        );
        await writeLine(context.stdout, credential.id);
        note(
          `To sync it every night at 2:00 in ${proposedSchedule.timeZone}, and in full each week:\n` +
            `  titan-sync schedule set --credential ${credential.id} --cron "${proposedSchedule.cron}"`,
        );
      }
      return exitCodes.success;
    },
    { writes: true },
  );
}

/**
 * Saves a credential with its company, after a connection test unless `test` is false.
 *
 * @throws what {@link CredentialManager.create} throws: for unusable values, when the company has one for that
 * environment already, when ServiceTitan refuses it.
 */
export async function addCredential(
  titan: Pick<TitanSync, "credentials" | "companies">,
  flags: Omit<CredentialAddFlags, "secretsStdin" | "json">,
  secrets: CredentialSecrets,
  signal: AbortSignal,
): ReturnType<CredentialManager["create"]> {
  const credential = await titan.credentials.create(
    {
      companyId: flags.company,
      tenantId: flags.tenant,
      environment: flags.environment,
      clientId: flags.clientId,
      clientSecret: secrets.clientSecret,
      appKey: secrets.appKey,
    },
    { test: flags.test, actor: "cli", signal },
  );
  await saveCompany(titan, credential.companyId, flags);
  return credential;
}
