import { CryptoError } from "../errors.js";
import type { StoredCredential } from "../ports/credential-store.js";
import type { Encryptor } from "../ports/encryptor.js";
import { type CredentialValues, checkCredentialInput } from "./credential-values.js";
import { type SecretField, secretFields } from "./encrypt-values.js";
import { contextOf } from "./open-credential.js";

type ChangedField = SecretField | "tenantId";

/**
 * A credential's values with some of them replaced, checked as new ones are.
 *
 * @returns what really is different, in `changed`.
 * @throws {@link ValidationError} for unusable values; {@link CryptoError} when a value that stays does not open. A
 * replaced value does not have to be decryptable: this is how to fix a credential whose key is lost.
 */
export async function mergeChanges(
  stored: StoredCredential,
  changes: Readonly<Partial<Record<ChangedField, string | undefined>>>,
  encryptor: Encryptor,
): Promise<{
  readonly values: CredentialValues;
  readonly changed: readonly ChangedField[];
  readonly warnings: readonly string[];
}> {
  const { companyId, environment } = stored;
  const before = {
    tenantId: stored.tenantId,
    clientId: await opened("clientId"),
    clientSecret: await opened("clientSecret"),
    appKey: await opened("appKey"),
  };
  const current = (field: ChangedField): string => changes[field] ?? before[field] ?? "";
  const { values, warnings } = checkCredentialInput({
    companyId,
    environment,
    tenantId: current("tenantId"),
    clientId: current("clientId"),
    clientSecret: current("clientSecret"),
    appKey: current("appKey"),
  });
  const changed: ChangedField[] = secretFields.filter((field) => values[field].reveal() !== before[field]);
  if (values.tenantId !== stored.tenantId) changed.push("tenantId");
  return { values, changed, warnings };

  /** `null` when it cannot be decrypted and is replaced anyway. */
  async function opened(field: SecretField): Promise<string | null> {
    try {
      return await encryptor.decrypt(stored[field], contextOf(stored, field));
    } catch (error) {
      if (error instanceof CryptoError && changes[field] !== undefined) return null;
      throw error;
    }
  }
}
