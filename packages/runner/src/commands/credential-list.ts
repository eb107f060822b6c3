import { type CredentialJson, credentialJson, type Environment } from "@titan-sync/core";
import { type Command, Option } from "commander";
import { withTitan } from "../database/with-titan.js";
import { type ListLayout, printList } from "../output/print-list.js";
import type { CommandContext, GlobalFlags } from "../program/context.js";
import { type ExitCode, exitCodes } from "../program/exit-codes.js";
import type { Perform } from "../program/register.js";
import { addPageOptions, type PageFlags } from "./page-options.js";

interface CredentialListFlags extends PageFlags {
  readonly company?: string | undefined;
  readonly environment?: Environment | undefined;
}

const layout: ListLayout<CredentialJson> = {
  empty: 'No credentials. Add one with "titan-sync credential add".',
  columns: [
    ["id", (credential) => credential.id],
    ["company", (credential) => credential.companyId],
    ["environment", (credential) => credential.environment],
    ["tenant", (credential) => credential.tenantId],
    ["status", (credential) => credential.status],
    ["client id", (credential) => credential.clientId],
    ["last sync", (credential) => credential.lastSyncAt ?? "never"],
  ],
};

export function registerCredentialList(credential: Command, perform: Perform): void {
  addPageOptions(
    credential
      .command("list")
      .description("list credentials, with masked secrets")
      .option("--company <id>", "filter by company")
      .addOption(
        new Option("--environment <environment>", "filter by environment").choices([
          "integration",
          "production",
        ]),
      ),
  ).action((flags: CredentialListFlags) =>
    perform((context, globals) => runCredentialList(context, globals, flags)),
  );
}

export async function runCredentialList(
  context: CommandContext,
  globals: GlobalFlags,
  flags: CredentialListFlags,
): Promise<ExitCode> {
  return withTitan(context, globals, async ({ titan }) => {
    const { items, next } = await titan.credentials.list(
      { companyId: flags.company, environment: flags.environment },
      { limit: flags.limit, cursor: flags.cursor },
    );
    const page = { items: items.map(credentialJson), next };
    await printList(context.stdout, page, layout, flags.json === true);
    return exitCodes.success;
  });
}
