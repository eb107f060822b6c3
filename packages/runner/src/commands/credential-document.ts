import {
  type CredentialJson,
  type CredentialSummary,
  credentialJson,
  type TitanSync,
} from "@titan-sync/core";

/** A credential and what is known of its company, as JSON; secrets masked. */
export type CredentialDocument = CredentialJson & {
  /** `null` when nothing is stored about the company. */
  readonly trade: string | null;
  readonly timeZone: string | null;
};

/** What can be shown of one credential. */
export async function credentialDocument(
  titan: Pick<TitanSync, "companies">,
  credential: CredentialSummary,
): Promise<CredentialDocument> {
  const company = await titan.companies.find(credential.companyId);
  return {
    ...credentialJson(credential),
    trade: company?.trade ?? null,
    timeZone: company?.timeZone ?? null,
  };
}
