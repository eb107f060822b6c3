import type { StoredCredential } from "../ports/credential-store.js";
import type { Encryptor } from "../ports/encryptor.js";
import type { CredentialValues } from "./credential-values.js";
import { contextOf } from "./open-credential.js";

/** The values of a credential that are secret, tokens aside. */
export const secretFields = ["clientId", "clientSecret", "appKey"] as const;

export type SecretField = (typeof secretFields)[number];

/** Encrypts the secrets of a credential for its row and version. */
export async function encryptValues(
  values: Pick<CredentialValues, SecretField>,
  credential: Pick<StoredCredential, "id" | "companyId" | "environment" | "version">,
  encryptor: Encryptor,
): Promise<Readonly<Record<SecretField, string>>> {
  const encrypt = (field: SecretField): Promise<string> =>
    encryptor.encrypt(values[field].reveal(), contextOf(credential, field));
  return {
    clientId: await encrypt("clientId"),
    clientSecret: await encrypt("clientSecret"),
    appKey: await encrypt("appKey"),
  };
}
