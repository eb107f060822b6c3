import { Secret } from "../crypto/secret.js";
import type { StoredCredential } from "../ports/credential-store.js";
import type { CredentialContext, Encryptor } from "../ports/encryptor.js";

/** A stored credential with its secrets decrypted. */
export interface OpenedCredential {
  readonly stored: StoredCredential;
  readonly clientId: Secret;
  readonly clientSecret: Secret;
  readonly appKey: Secret;
}

/** Where a ciphertext of this credential belongs. */
export function contextOf(
  credential: Pick<StoredCredential, "id" | "companyId" | "environment" | "version">,
  field: CredentialContext["field"],
): CredentialContext {
  const { id: credentialId, companyId, environment, version } = credential;
  return { companyId, environment, credentialId, version, field };
}

/**
 * Decrypts a credential's secrets.
 * @throws {@link CryptoError} when one does not open.
 */
export async function openCredential(
  stored: StoredCredential,
  encryptor: Encryptor,
): Promise<OpenedCredential> {
  const open = async (text: string, field: CredentialContext["field"]): Promise<Secret> =>
    new Secret(await encryptor.decrypt(text, contextOf(stored, field)));
  const [clientId, clientSecret, appKey] = await Promise.all([
    open(stored.clientId, "clientId"),
    open(stored.clientSecret, "clientSecret"),
    open(stored.appKey, "appKey"),
  ]);
  return { stored, clientId, clientSecret, appKey };
}
