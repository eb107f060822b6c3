import { createHmac, randomBytes } from "node:crypto";
import { CryptoError } from "../errors.js";
import type { FeedName } from "../feeds/feed.js";
import type { Encryptor, SuppressionContext } from "../ports/encryptor.js";
import type { SuppressionStore } from "../ports/suppression-store.js";

/** Creates hashes with one company's secret: without it, nobody can find a hash's id, not even by trying ids. */
export interface RowHasher {
  /** HMAC-SHA-256 of a row's feed and id, 43 characters. */
  hash(feed: FeedName, id: string): string;
}

/** What opening or making a company's secret takes. */
export interface HasherOptions {
  readonly store: Pick<SuppressionStore, "findSuppressionSecret" | "saveSuppressionSecret">;
  readonly encryptor: Encryptor;
}

const secretBytes = 32;

/** Where the ciphertext of a company's secret belongs. */
export function suppressionContext(companyId: string): SuppressionContext {
  return { companyId, field: "suppressionSecret" };
}

/**
 * The hasher of a company's secret; `null` when it has none, since nobody was ever suppressed.
 * @throws {@link CryptoError} when the secret does not open.
 */
export async function openHasher(options: HasherOptions, companyId: string): Promise<RowHasher | null> {
  const stored = await options.store.findSuppressionSecret(companyId);
  return stored === null ? null : await hasherOf(options, companyId, stored);
}

/** The hasher of a company's secret, which is made if there is none. @throws {@link CryptoError} */
export async function provideHasher(options: HasherOptions, companyId: string): Promise<RowHasher> {
  const known = await openHasher(options, companyId);
  if (known !== null) return known;
  const made = randomBytes(secretBytes).toString("base64url");
  const secret = await options.encryptor.encrypt(made, suppressionContext(companyId));
  // Another process may have been first.
  return await hasherOf(options, companyId, await options.store.saveSuppressionSecret({ companyId, secret }));
}

async function hasherOf({ encryptor }: HasherOptions, companyId: string, stored: string): Promise<RowHasher> {
  const opened = await openSecret(encryptor, companyId, stored);
  const key = Buffer.from(opened, "base64url");
  return {
    hash: (feed, id) => createHmac("sha256", key).update(`${feed} ${id}`).digest("base64url"),
  };
}

/** What to do when a list cannot be used. */
export const wayOut =
  "Restore the key that it was encrypted with. Without it, nobody can tell who was erased: if the key is lost, delete the list with suppressions.forget, and erase those customers again.";

async function openSecret(encryptor: Encryptor, companyId: string, stored: string): Promise<string> {
  try {
    return await encryptor.decrypt(stored, suppressionContext(companyId));
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error;
    throw new CryptoError(error.message, { cause: error, hint: wayOut });
  }
}
