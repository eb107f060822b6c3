import type { Command } from "commander";
import { withTitan } from "../database/with-titan.js";
import { writeJson, writeLine } from "../output/write.js";
import type { CommandContext, GlobalFlags } from "../program/context.js";
import { type ExitCode, exitCodes } from "../program/exit-codes.js";
import type { Perform } from "../program/register.js";
import { type CredentialDocument, credentialDocument } from "./credential-document.js";
import { requireCredential } from "./select-credentials.js";

export function registerCredentialShow(credential: Command, perform: Perform): void {
  credential
    .command("show")
    .description("show one credential, with masked secrets")
    .argument("<id>", "the credential")
    .option("--json", "print one JSON document")
    .action((id: string, flags: { json?: boolean }) =>
      perform((context, globals) => runCredentialShow(context, globals, id, flags.json === true)),
    );
}

export async function runCredentialShow(
  context: CommandContext,
  globals: GlobalFlags,
  id: string,
  json: boolean,
): Promise<ExitCode> {
  return withTitan(context, globals, async ({ titan }) => {
    const document = await credentialDocument(titan, await requireCredential(titan.credentials, id));
    if (json) await writeJson(context.stdout, document);
    else await writeLine(context.stdout, describeCredential(document));
    return exitCodes.success;
  });
}

const never = "never";

/** One line for each fact. */
export function describeCredential(credential: CredentialDocument): string {
  const facts: readonly (readonly [name: string, value: string])[] = [
    ["id", credential.id],
    ["company", credential.companyId],
    ["environment", credential.environment],
    ["tenant", credential.tenantId],
    ["client id", credential.clientId],
    ["client secret", credential.clientSecret],
    ["app key", credential.appKey],
    ["status", credential.status],
    ["trade", credential.trade ?? "unknown"],
    ["time zone", credential.timeZone ?? "unknown"],
    ["version", String(credential.version)],
    ["token until", credential.tokenExpiresAt ?? "none"],
    ["last attempt", credential.lastConnectionAttemptAt ?? never],
    ["last sync", credential.lastSyncAt ?? never],
    ["created", credential.createdAt],
    ["changed", credential.updatedAt],
  ];
  const lines = facts.map(([name, value]) => `${name.padEnd(14)} ${value}`);
  const hint = hintFor(credential);
  return [...lines, ...(hint === null ? [] : [`\n${hint}`])].join("\n");
}

function hintFor({ id, status, clientSecret }: CredentialDocument): string | null {
  if (clientSecret === "[unreadable]") {
    return 'Its secrets cannot be decrypted with the configured keys: "titan-sync doctor" says which key is missing.';
  }
  return status === "error"
    ? `ServiceTitan refused it. "titan-sync credential test ${id}" says why; "credential update" corrects it.`
    : null;
}
