import type { ConnectionTest, CredentialManager, CredentialSummary } from "@titan-sync/core";
import { inParallel } from "@titan-sync/core/support";
import { type Finding, good, problem, warning } from "./finding.js";
import { problemOf } from "./problem-of.js";

export interface CheckCredentialsOptions {
  readonly credentials: Pick<CredentialManager, "test">;
  /** When it ends, the remaining credentials are reported as not tested. */
  readonly timeLimit: AbortSignal;
  /** @throws its reason when the user stops it. */
  readonly signal: AbortSignal;
}

/** Tests each credential's connection, some at once. Which one is tested last is the luck of the draw. */
export async function checkCredentials(
  found: readonly CredentialSummary[],
  options: CheckCredentialsOptions,
): Promise<readonly Finding[]> {
  if (found.length === 0) {
    return [good({ check: "credential" }, 'No credentials yet: add one with "titan-sync credential add".')];
  }
  return await inParallel(found, (credential) => checkCredential(credential, options), atOnce);
}

const atOnce = 4;

async function checkCredential(
  credential: CredentialSummary,
  { credentials, timeLimit, signal }: CheckCredentialsOptions,
): Promise<Finding> {
  const about = { check: "credential", credentialId: credential.id } as const;
  const name = `Company ${credential.companyId}, ${credential.environment}, tenant ${credential.tenantId}`;
  const untested = (): Finding =>
    warning(
      about,
      `${name}: ${credential.status}; not tested, because time ran out.`,
      `Run "titan-sync credential test ${credential.id}".`,
    );
  if (timeLimit.aborted) return untested();
  try {
    const stop = AbortSignal.any([signal, timeLimit]);
    return verdict(name, about, await credentials.test(credential.id, { actor: "cli", signal: stop }));
  } catch (error) {
    signal.throwIfAborted();
    if (timeLimit.aborted) return untested();
    const found = problemOf(about, error);
    return { ...found, message: `${name}: ${found.message}` };
  }
}

function verdict(
  name: string,
  about: Pick<Finding, "check" | "credentialId">,
  { ok, steps, missingScopes }: ConnectionTest,
): Finding {
  const failed = steps.find((step) => !step.ok);
  if (!ok) {
    const message = `${name}: ${failed?.message ?? "the connection test failed."}`;
    return problem(
      about,
      message,
      failed?.hint ??
        `The problems above may explain it; "titan-sync credential test ${about.credentialId}" shows each step.`,
    );
  }
  if (missingScopes.length === 0) return good(about, `${name}: connected.`);
  return warning(
    about,
    `${name}: connected, but the app lacks the scopes ${missingScopes.join(", ")}: fields from these feeds stay empty.`,
    failed?.hint ??
      "Grant the scopes to the app, and have the tenant's administrator accept its new version.",
  );
}
