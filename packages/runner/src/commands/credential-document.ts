import type { CredentialSummary, TitanSync } from "@titan-sync/core";

/** A credential and what is known of its company; secrets masked. */
export type CredentialDocument = CredentialSummary & {
  /** `null` when nothing is kept of the company. */
  readonly trade: string | null;
  readonly timeZone: string | null;
};

/** What can be shown of one credential. */
export async function credentialDocument(
  titan: Pick<TitanSync, "companies">,
  credential: CredentialSummary,
): Promise<CredentialDocument> {
  const company = await titan.companies.find(credential.companyId);
  return { ...credential, trade: company?.trade ?? null, timeZone: company?.timeZone ?? null };
}
