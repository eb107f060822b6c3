import type { Environment } from "./tenant.js";

/** Where a ciphertext belongs. It is authenticated with the ciphertext and compared when decrypting. */
export type EncryptionContext = CredentialContext | SuppressionContext;

/** Where a credential's ciphertext belongs. */
export interface CredentialContext {
  readonly companyId: string;
  readonly environment: Environment;
  /** The row. */
  readonly credentialId: string;
  /** The credential's version: a ciphertext of earlier values cannot be decrypted in its place. */
  readonly version: number;
  readonly field: "clientId" | "clientSecret" | "appKey" | "accessToken";
}

/** Where the ciphertext of the secret belongs that a company's suppression list is hashed with. */
export interface SuppressionContext {
  readonly companyId: string;
  readonly field: "suppressionSecret";
}

/** Encrypts secrets as text that is safe to store, and decrypts them. */
export interface Encryptor {
  /** Never returns the same text twice. */
  encrypt(plaintext: string, context: EncryptionContext): Promise<string>;
  /** @throws {@link CryptoError} when the text was altered, belongs elsewhere, or its key is unknown. */
  decrypt(ciphertext: string, context: EncryptionContext): Promise<string>;
  /**
   * The id of the key that a text was encrypted with, as the text itself says: good for deciding what to
   * encrypt again, proof of nothing. `null` when the text is not one of this encryptor's.
   */
  keyIdOf(ciphertext: string): string | null;
}

export interface EncryptionKey {
  readonly id: string;
  /** 64 bytes: half encrypts (AES-256-CBC), half authenticates (HMAC-SHA-512). */
  readonly bytes: Uint8Array;
}

/** Provides keys by id, so that a rotation only has to add one. */
export interface KeyProvider {
  /** The key that encrypts from now on. */
  current(): Promise<EncryptionKey>;
  /** `null` when the id is unknown. */
  find(id: string): Promise<EncryptionKey | null>;
}
