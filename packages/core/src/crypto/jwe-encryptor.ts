import { CompactEncrypt, type CompactJWEHeaderParameters, compactDecrypt, decodeProtectedHeader } from "jose";
import { CryptoError } from "../errors.js";
import type { EncryptionContext, EncryptionKey, Encryptor, KeyProvider } from "../ports/encryptor.js";
import { keyIdPattern, keyLength } from "./key-format.js";

const algorithm = "dir";
const encryption = "A256CBC-HS512";

/**
 * Encrypts with AES-256-CBC and HMAC-SHA-512 in the compact JWE form. The key's id and the place the text
 * belongs to stand in the protected header: readable, authenticated, and compared on reading, so that a
 * ciphertext copied into another row does not open.
 *
 * @example
 * const encryptor = jweEncryptor(staticKeys("k1:…"));
 * const context = { companyId, environment: "production", credentialId, version: 1, field: "clientSecret" } as const;
 * const text = await encryptor.encrypt("cs1.…", context);
 */
export function jweEncryptor(keys: KeyProvider): Encryptor {
  return {
    async encrypt(plaintext, context) {
      const key = checkLength(await keys.current());
      try {
        return await new CompactEncrypt(new TextEncoder().encode(plaintext))
          .setProtectedHeader({
            alg: algorithm,
            enc: encryption,
            kid: key.id,
            context: partsOf(context),
          })
          .encrypt(key.bytes);
      } catch (error) {
        throw new CryptoError(`The ${context.field} could not be encrypted.`, { cause: error });
      }
    },

    async decrypt(ciphertext, context) {
      const key = checkLength(await findKey(keys, ciphertext, context.field));
      const opened = await open(ciphertext, key, context.field);
      // Only compared once the header is known to be authentic.
      if (!isSameContext(opened.header["context"], context)) {
        throw new CryptoError(
          `The encrypted ${context.field} belongs to another company, environment, credential, version or field.`,
          { hint: "The row was copied or moved. Enter the credential again." },
        );
      }
      return new TextDecoder("utf-8", { ignoreBOM: true }).decode(opened.plaintext);
    },

    keyIdOf,
  };
}

async function findKey(keys: KeyProvider, ciphertext: string, field: string): Promise<EncryptionKey> {
  const id = keyIdOf(ciphertext);
  if (id === null) throw alteredError(field);
  const key = await keys.find(id);
  if (key !== null) return key;
  throw new CryptoError(
    `The encryption key ${printableId(id)} of the ${field} is not among the configured keys.`,
    {
      hint: "Also configure the key that was in use when the credential was saved; retired keys still decrypt.",
    },
  );
}

/** `null` when the text is not a JWE of ours at all. */
function keyIdOf(ciphertext: string): string | null {
  if (!isCanonical(ciphertext)) return null;
  try {
    const header = decodeProtectedHeader(ciphertext);
    return typeof header.kid === "string" ? header.kid : null;
  } catch {
    return null;
  }
}

/**
 * Base64 leaves unused bits at the end of a part: a lenient decoder would treat a different text as the
 * same.
 */
function isCanonical(ciphertext: string): boolean {
  return ciphertext.split(".").every((part) => Buffer.from(part, "base64url").toString("base64url") === part);
}

async function open(
  ciphertext: string,
  key: EncryptionKey,
  field: string,
): Promise<{ plaintext: Uint8Array; header: CompactJWEHeaderParameters }> {
  try {
    const { plaintext, protectedHeader } = await compactDecrypt(ciphertext, key.bytes, {
      keyManagementAlgorithms: [algorithm],
      contentEncryptionAlgorithms: [encryption],
    });
    return { plaintext, header: protectedHeader };
  } catch (error) {
    throw alteredError(field, error);
  }
}

function alteredError(field: string, cause?: unknown): CryptoError {
  return new CryptoError(
    `The encrypted ${field} cannot be decrypted: it was altered, or its key id now belongs to another key.`,
    { cause },
  );
}

function isSameContext(found: unknown, expected: EncryptionContext): boolean {
  if (typeof found !== "object" || found === null) return false;
  const context = found as Readonly<Record<string, unknown>>;
  const parts = Object.entries(partsOf(expected));
  return (
    Object.keys(context).length === parts.length && parts.every(([name, value]) => context[name] === value)
  );
}

/** The fields of a context that identify the place, without anything that a caller added. */
function partsOf(context: EncryptionContext): Readonly<Record<string, string | number>> {
  const { companyId, field } = context;
  if (context.field === "suppressionSecret") return { companyId, field };
  const { environment, credentialId, version } = context;
  return { companyId, environment, credentialId, version, field };
}

function checkLength(key: EncryptionKey): EncryptionKey {
  if (key.bytes.length === keyLength) return key;
  throw new CryptoError(
    `The encryption key ${printableId(key.id)} has ${key.bytes.length} bytes; ${keyLength} are needed.`,
  );
}

/** An id from a foreign text may be anything. */
function printableId(id: string): string {
  return keyIdPattern.test(id) ? `"${id}"` : "(unprintable id)";
}
