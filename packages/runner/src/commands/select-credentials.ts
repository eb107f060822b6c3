import {
  type CredentialManager,
  type CredentialStateName,
  type CredentialSummary,
  credentialStates,
  type Environment,
  eachItem,
  type TitanSync,
} from "@titan-sync/core";
import { type Command, Option } from "commander";
import { UsageError } from "../program/usage-error.js";

/** Which credentials a command is for. */
export interface CredentialSelector {
  readonly credential?: string | undefined;
  readonly company?: string | undefined;
  readonly environment?: Environment | undefined;
  readonly all?: boolean | undefined;
}

/** Which credentials a command for several is for. */
export interface ManySelector extends Omit<CredentialSelector, "company"> {
  readonly company?: readonly string[] | undefined;
  readonly state?: readonly CredentialStateName[] | undefined;
}

/** Adds the flags of {@link ManySelector}. */
export function addManySelector(command: Command): Command {
  return command
    .option("--credential <id>", "this credential")
    .option(
      "--company <id>",
      "select the credentials of a company; repeat it for several",
      (id: string, previous: readonly string[] = []) => [...previous, id],
    )
    .addOption(
      new Option("--environment <environment>", "select one environment of the companies, or of all").choices(
        ["integration", "production"],
      ),
    )
    .addOption(
      new Option("--state <state...>", "select those in one of these states, as status shows them").choices(
        credentialStates,
      ),
    )
    .option("--all", "every credential");
}

/** At most this many choices are listed in an error. */
const shownChoices = 20;
const addHint = 'Add one with "titan-sync credential add".';

/** @throws {@link UsageError} when selectors contradict each other. Needs no database. */
export function checkSelector(selector: CredentialSelector | ManySelector): void {
  const { credential, company, environment, all } = selector;
  const given = [credential !== undefined, company !== undefined, all === true].filter(Boolean).length;
  if (given > 1) throw new UsageError("Use only one of --credential, --company and --all.");
  if (environment !== undefined && company === undefined && all !== true) {
    throw new UsageError("--environment requires --company or --all.");
  }
  const { state } = selector as ManySelector;
  if (state !== undefined && company === undefined && all !== true) {
    throw new UsageError("--state requires --company or --all.");
  }
}

/**
 * The selected credentials; without a selector the only one there is; none if none is in one of the states.
 * @throws {@link UsageError} when nothing else matches, or several do where one was meant.
 */
export async function selectMany(
  { credentials, status }: Pick<TitanSync, "credentials" | "status">,
  { company, state, ...selector }: ManySelector,
): Promise<readonly CredentialSummary[]> {
  checkSelector({ company, state, ...selector });
  const companies = company === undefined ? [undefined] : [...new Set(company)];
  const found: CredentialSummary[] = [];
  for (const one of companies)
    found.push(...(await selectCredentials(credentials, { ...selector, company: one })));
  if (state === undefined) return found;
  const inState = new Set<string>();
  const { environment } = selector;
  const list = (page: Parameters<typeof status.list>[1]) =>
    status.list({ companyIds: company, environment, states: state }, page);
  for await (const { credentialId } of eachItem(list)) inState.add(credentialId);
  return found.filter(({ id }) => inState.has(id));
}

/**
 * The selected credentials; without a selector the only one there is.
 * @throws {@link UsageError} when nothing matches, or several do where one was meant.
 */
export async function selectCredentials(
  credentials: CredentialManager,
  selector: CredentialSelector,
): Promise<readonly CredentialSummary[]> {
  checkSelector(selector);
  if (selector.credential !== undefined) return [await requireCredential(credentials, selector.credential)];
  const matching = await listCredentials(credentials, selector);
  if (matching.length === 0) {
    const { company, environment } = selector;
    const kind = environment === undefined ? "" : `${environment} `;
    const missing =
      company === undefined
        ? `There is no ${kind}credential yet.`
        : `Company ${company} has no ${kind}credential.`;
    throw new UsageError(missing, addHint);
  }
  if (selector.all === true || selector.company !== undefined || matching.length === 1) return matching;
  throw new UsageError(
    `There are ${matching.length} credentials: select one with --credential, or use --company or --all.`,
    `Choices:${matching.slice(0, shownChoices).map(describeChoice).join("")}${
      matching.length > shownChoices ? "\n    …" : ""
    }`,
  );
}

/** @throws {@link UsageError} when there is none with this id. */
export async function requireCredential(
  credentials: CredentialManager,
  id: string,
): Promise<CredentialSummary> {
  const found = await credentials.find(id);
  if (found !== null) return found;
  throw new UsageError(
    `There is no credential ${id}.`,
    '"titan-sync credential list" shows the existing ones.',
  );
}

/** All credentials, or those of a company or an environment. */
export async function listCredentials(
  credentials: CredentialManager,
  { company, environment }: Pick<CredentialSelector, "company" | "environment">,
): Promise<readonly CredentialSummary[]> {
  const found: CredentialSummary[] = [];
  const matching = eachItem((page) => credentials.list({ companyId: company, environment }, page));
  for await (const credential of matching) found.push(credential);
  return found;
}

function describeChoice(credential: CredentialSummary): string {
  return `\n    ${credential.id}  ${credential.companyId}, ${credential.environment}, tenant ${credential.tenantId}`;
}
