import type { CredentialSummary } from "@titan-sync/core";
import { type Finding, warning } from "./finding.js";

/** Tells of companies that the configuration file speaks of, and that no credential belongs to. */
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
        `The configuration file speaks of company ${companyId}, which has no credential.`,
        'Look at its spelling beside "titan-sync credential list", or connect it with "titan-sync credential add".',
      ),
    );
}
