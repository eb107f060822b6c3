import { checkCredentialInput } from "../credentials/credential-values.js";
import { contextOf } from "../credentials/open-credential.js";
import { generateEncryptionKey } from "../crypto/generate-key.js";
import { jweEncryptor } from "../crypto/jwe-encryptor.js";
import { staticKeys } from "../crypto/static-keys.js";
import { CryptoError } from "../errors.js";
import type { CredentialStore, StoredCredential } from "../ports/credential-store.js";
import type { Encryptor } from "../ports/encryptor.js";

/** Values that pass every check; each secret holds the word `kanari`, which must never be printed. */
export const canaryInput = {
  companyId: "acme",
  tenantId: "1001",
  environment: "production",
  clientId: "cid.kanari0123456789abcdefgh",
  clientSecret: "cs1.kanari0123456789abcdefghijklmnopqrstuv",
  appKey: "ak1.kanari0123456789abcdefgh",
} as const;

/** An encryptor with its own key. */
export function testEncryptor(): Encryptor {
  return jweEncryptor(staticKeys(generateEncryptionKey("k1")));
}

/** Keeps what an encryptor promises but secrecy, and does it at once: time can be moved while it works. */
export function transparentEncryptor(): Encryptor {
  let nonce = 0;
  return {
    async encrypt(plaintext, context) {
      nonce += 1;
      return Buffer.from(JSON.stringify({ plaintext, context, nonce })).toString("base64url");
    },
    async decrypt(ciphertext, context) {
      const { plaintext, context: found } = JSON.parse(Buffer.from(ciphertext, "base64url").toString());
      if (JSON.stringify(found) !== JSON.stringify(context)) throw new CryptoError("It belongs elsewhere.");
      return plaintext;
    },
    keyIdOf: () => "none",
  };
}

/** Stores {@link canaryInput} under `credential-1`, past the manager. */
export async function storeCredential(
  store: CredentialStore,
  encryptor: Encryptor,
  given: Partial<Record<"companyId" | "clientSecret", string>> & { readonly id?: string } = {},
): Promise<StoredCredential> {
  const { id = "credential-1", ...input } = given;
  const { values } = checkCredentialInput({ ...canaryInput, ...input });
  const { companyId, tenantId, environment } = values;
  const encrypt = (field: "clientId" | "clientSecret" | "appKey"): Promise<string> =>
    encryptor.encrypt(values[field].reveal(), contextOf({ id, companyId, environment, version: 1 }, field));
  return await store.createCredential({
    id,
    companyId,
    tenantId,
    environment,
    clientId: await encrypt("clientId"),
    clientSecret: await encrypt("clientSecret"),
    appKey: await encrypt("appKey"),
    status: "pending",
  });
}
