import type {
  CredentialChanges,
  CredentialManager,
  CredentialSummary,
  Environment,
  SavedCredential,
  UpdateCredentialOptions,
} from "@titan-sync/core";
import { type Fault, ProblemError } from "../http/problem.js";

export interface SwitchRequest {
  readonly environment: Environment;
  readonly changes: CredentialChanges;
  readonly options: UpdateCredentialOptions;
}

/**
 * Switches a company to its other environment. Both worlds keep a credential of their own, so that history,
 * landed data and cursors of each stay what they are, and switching back loses nothing: the other credential is
 * used as it is, changed where values are given, or made when there is none yet.
 */
export async function switchEnvironment(
  credentials: Pick<CredentialManager, "findFor" | "update" | "create">,
  current: CredentialSummary,
  { environment, changes, options }: SwitchRequest,
): Promise<SavedCredential> {
  const { companyId } = current;
  const other = await credentials.findFor(companyId, environment);
  if (other !== null) return await credentials.update(other.id, changes, options);

  const { tenantId = current.tenantId, clientId, clientSecret, appKey } = changes;
  if (clientId === undefined || clientSecret === undefined || appKey === undefined) {
    throw new ProblemError("INVALID", { errors: missingIn(changes, environment) });
  }
  return await credentials.create(
    { companyId, environment, tenantId, clientId, clientSecret, appKey },
    options,
  );
}

/** Client id, secret and app key belong to one environment: none can be taken from the other. */
function missingIn(changes: CredentialChanges, environment: Environment): readonly Fault[] {
  return (["clientId", "clientSecret", "appKey"] as const)
    .filter((field) => changes[field] === undefined)
    .map((field) => ({
      pointer: `#/${field}`,
      detail: `is needed: the company has no credential for ${environment} yet`,
    }));
}
