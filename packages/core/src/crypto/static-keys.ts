import { ConfigError } from "../errors.js";
import type { EncryptionKey, KeyProvider } from "../ports/encryptor.js";
import { keyIdPattern, keyLength } from "./key-format.js";

const base64Pattern = /^[A-Za-z0-9+/_-]+={0,2}$/;

/**
 * Keys from one text, as configuration holds it: `id:base64`, comma-separated, 64 bytes each. The first
 * encrypts; all of them read. To rotate, put a new key in front and keep the old ones.
 *
 * @throws {@link ConfigError} that lists every mistake at once and never repeats key material.
 * @example
 * const keys = staticKeys(process.env["TITAN_SYNC_ENCRYPTION_KEYS"] ?? "");
 */
export function staticKeys(text: string): KeyProvider {
  const issues: string[] = [];
  const keys = new Map<string, EncryptionKey>();
  const entries = text
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");

  for (const [index, entry] of entries.entries()) {
    const key = parseEntry(entry, `entry ${index + 1}`, issues);
    if (key === null) continue;
    if (keys.has(key.id)) issues.push(`entry ${index + 1}: the id "${key.id}" is used twice`);
    else keys.set(key.id, key);
  }

  const [first] = keys.values();
  if (entries.length === 0) issues.push("no key is configured");
  if (issues.length > 0 || first === undefined) {
    throw new ConfigError(`Invalid encryption keys: ${issues.join("; ")}.`, {
      hint: `Expected "id:base64" with ${keyLength} random bytes each, comma-separated; the first one encrypts.`,
    });
  }
  return {
    current: async () => first,
    find: async (id) => keys.get(id) ?? null,
  };
}

/** `null` when the entry is not a key; the problem is added to the list. */
function parseEntry(entry: string, name: string, issues: string[]): EncryptionKey | null {
  const colon = entry.indexOf(":");
  if (colon < 0) {
    issues.push(`${name}: no colon between id and key`);
    return null;
  }
  const id = entry.slice(0, colon).trim();
  const encoded = entry.slice(colon + 1).trim();
  const before = issues.length;
  // An unusable id is not repeated: somebody may have swapped id and key.
  if (!keyIdPattern.test(id)) {
    issues.push(`${name}: the id must be 1 to 32 letters, digits, dots, dashes or underscores`);
  }
  if (!base64Pattern.test(encoded)) {
    issues.push(`${name}: the key is not base64`);
    return null;
  }
  const bytes = new Uint8Array(Buffer.from(encoded, "base64"));
  if (bytes.length !== keyLength) {
    issues.push(`${name}: the key has ${bytes.length} bytes instead of ${keyLength}`);
  }
  return issues.length === before ? { id, bytes } : null;
}
