import type { CredentialSummary } from "@titan-sync/core";
import { type Finding, warning } from "./finding.js";

/** Reports companies in the configuration file that have no credential. */
export function checkCompanies(
  configured: readonly string[],
  credentials: readonly Pick<CredentialSummary, "companyId">[],
): readonly Finding[] {
  const connected = new Set(credentials.map(({ companyId }) => companyId));
  return configured
    .filter((companyId) => !connected.has(companyId))
    .map((companyId) =>
      warning(
        { check: "company" },
        `The configuration file contains company ${companyId}, but that company has no credential.`,
        'Compare the spelling with "titan-sync credential list", or connect the company with "titan-sync credential add".',
      ),
    );
}
