import { type Auditor, createAuditor } from "../audit/auditor.js";
import { ConflictError, CryptoError } from "../errors.js";
import type { AuditLog } from "../ports/audit-log.js";
import type { Ciphertexts, CredentialStore, StoredCredential } from "../ports/credential-store.js";
import type { EncryptionContext, Encryptor, KeyProvider } from "../ports/encryptor.js";
import { type Logger, silentLogger } from "../ports/logger.js";
import type { SuppressionSecret, SuppressionStore } from "../ports/suppression-store.js";
import { suppressionContext } from "../suppressions/row-hasher.js";
import { allCredentials, allSuppressionSecrets, ciphertextsOf, countKeysInUse } from "./keys-in-use.js";
import { contextOf } from "./open-credential.js";

export interface KeyRotationProgress {
  /** Credentials processed so far. */
  readonly checked: number;
  /** Of these, the ones that were encrypted again. */
  readonly reencrypted: number;
}

export interface KeyRotationFailure {
  readonly companyId: string;
  /** `null` when it is the secret of the company's suppression list. */
  readonly credentialId: string | null;
  readonly code: string;
  readonly message: string;
}

export interface KeyRotationResult extends KeyRotationProgress {
  /** The key that encrypts. */
  readonly currentKeyId: string;
  /** Suppression lists whose secret was encrypted again. */
  readonly suppressionLists: number;
  /** Credentials and suppression lists that could not be re-encrypted, and why; they are unchanged. */
  readonly failures: readonly KeyRotationFailure[];
  /**
   * Every other key that something is still encrypted with. One that is not listed can be taken off the ring once no
   * running process encrypts with it anymore.
   */
  readonly keysStillUsed: readonly string[];
}

/** The part of a storage that rotating the secrets of suppression lists needs. */
/** Where the secrets of suppression lists are kept. */
export type SuppressionSecretStore = Pick<
  SuppressionStore,
  "listSuppressionSecrets" | "findSuppressionSecret" | "replaceSuppressionSecret"
>;

export interface KeyRotationOptions {
  readonly store: CredentialStore & SuppressionSecretStore & Pick<AuditLog, "appendAudit">;
  readonly encryptor: Encryptor;
  /** The ring of the encryptor. Its first key is the one to encrypt with. */
  readonly keys: Pick<KeyProvider, "current">;
  /** Who requested it, for the audit log. @defaultValue "system" */
  readonly actor?: string | undefined;
  readonly logger?: Logger | undefined;
  /** Told after each credential. */
  readonly onProgress?: ((progress: KeyRotationProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A credential whose token is being renewed is read again. */
const attemptsEach = 5;

const rotatedFields = [
  "clientId",
  "clientSecret",
  "appKey",
  "accessToken",
] as const satisfies readonly (keyof Ciphertexts & EncryptionContext["field"])[];

/**
 * Encrypts everything again that is not under the current key, credentials first, while syncs continue. Each is one
 * step that compares before it replaces, so that nothing is lost to whoever changes it meanwhile. It can be stopped or
 * killed at any moment: everything still opens with the ring, and the next call does the rest.
 *
 * @throws {@link AbortedError} when stopped; {@link StorageError} when the storage fails.
 * @example
 * const keys = staticKeys(`${generateEncryptionKey()},${oldKeys}`);
 * const { keysStillUsed } = await rotateKeys({ store: storage, encryptor: jweEncryptor(keys), keys });
 *
 */
export async function rotateKeys(options: KeyRotationOptions): Promise<KeyRotationResult> {
  const { store, encryptor, actor = "system", signal = new AbortController().signal } = options;
  const auditor = createAuditor(store, options.logger ?? silentLogger);
  const { id: currentKeyId } = await options.keys.current();
  const failures: KeyRotationFailure[] = [];
  let [checked, reencrypted, suppressionLists] = [0, 0, 0];
  const tools: Tools = { store, encryptor, auditor, actor };
  const recordFailure = (
    whose: Pick<KeyRotationFailure, "companyId" | "credentialId">,
    error: unknown,
  ): void => {
    if (!(error instanceof CryptoError || error instanceof ConflictError)) throw error;
    failures.push({ ...whose, code: error.code, message: error.message });
  };

  for await (const credential of allCredentials(store, signal)) {
    try {
      if (await rotateCredential(credential, currentKeyId, tools)) reencrypted += 1;
    } catch (error) {
      recordFailure({ companyId: credential.companyId, credentialId: credential.id }, error);
    }
    checked += 1;
    options.onProgress?.({ checked, reencrypted });
  }

  for await (const secret of allSuppressionSecrets(store, signal)) {
    try {
      if (await rotateSuppressionSecret(secret, currentKeyId, tools)) suppressionLists += 1;
    } catch (error) {
      recordFailure({ companyId: secret.companyId, credentialId: null }, error);
    }
  }

  const keysInUse = await countKeysInUse(store, encryptor, signal);
  const keysStillUsed = [...keysInUse.keys()].filter((id) => id !== currentKeyId);
  return { currentKeyId, checked, reencrypted, suppressionLists, failures, keysStillUsed };
}

interface Tools {
  readonly store: CredentialStore & SuppressionSecretStore;
  readonly encryptor: Encryptor;
  readonly auditor: Auditor;
  readonly actor: string;
}

/** @returns whether anything had to be encrypted again. */
async function rotateCredential(listed: StoredCredential, keyId: string, tools: Tools): Promise<boolean> {
  let credential: StoredCredential | null = listed;
  for (let attempt = 1; attempt <= attemptsEach; attempt += 1) {
    if (credential === null || staleFields(credential, tools.encryptor, keyId).length === 0) return false;
    if (await replaceStale(credential, keyId, tools)) return true;
    credential = await tools.store.findCredential(listed.id);
  }
  throw new ConflictError("The credential keeps changing; it was not re-encrypted.");
}

/** @returns whether it had to be encrypted again. */
async function rotateSuppressionSecret(
  listed: SuppressionSecret,
  keyId: string,
  { store, encryptor, auditor, actor }: Tools,
): Promise<boolean> {
  const { companyId } = listed;
  let secret: string | null = listed.secret;
  for (let attempt = 1; attempt <= attemptsEach; attempt += 1) {
    if (secret === null || encryptor.keyIdOf(secret) === keyId) return false;
    const context = suppressionContext(companyId);
    const replacement = await encryptor.encrypt(await encryptor.decrypt(secret, context), context);
    if (await store.replaceSuppressionSecret({ companyId, expected: secret, replacement })) {
      const details = { fields: [context.field], purpose: "rotate" };
      const entry = { actor, subject: companyId, companyId, outcome: "success", details } as const;
      await auditor.record({ ...entry, action: "secret:encrypt" });
      return true;
    }
    secret = await store.findSuppressionSecret(companyId);
  }
  throw new ConflictError("The secret of a suppression list keeps changing; it was not re-encrypted.");
}

async function replaceStale(credential: StoredCredential, keyId: string, tools: Tools): Promise<boolean> {
  const { store, encryptor, auditor, actor } = tools;
  const fields = staleFields(credential, encryptor, keyId);
  const expected = ciphertextsOf(credential);
  const replacement = { ...expected };
  for (const field of fields) {
    if (field === "accessToken") replacement.accessToken = await tokenAnew(credential, encryptor);
    else replacement[field] = await reencrypt(credential, field, credential[field], encryptor);
  }
  const isReplaced = await store.replaceCiphertexts({ id: credential.id, expected, replacement });
  if (isReplaced) {
    await auditor.recordSecrets({ actor, action: "secret:encrypt", credential, fields, purpose: "rotate" });
  }
  return isReplaced;
}

async function reencrypt(
  credential: StoredCredential,
  field: (typeof rotatedFields)[number],
  ciphertext: string,
  encryptor: Encryptor,
): Promise<string> {
  const context = contextOf(credential, field);
  return await encryptor.encrypt(await encryptor.decrypt(ciphertext, context), context);
}

/** A token that cannot be decrypted is worthless: it must not keep a lost key in use. */
async function tokenAnew(credential: StoredCredential, encryptor: Encryptor): Promise<string | null> {
  if (credential.token === null) return null;
  try {
    return await reencrypt(credential, "accessToken", credential.token.accessToken, encryptor);
  } catch (error) {
    if (error instanceof CryptoError) return null;
    throw error;
  }
}

function staleFields(credential: StoredCredential, encryptor: Encryptor, keyId: string) {
  const ciphertexts = ciphertextsOf(credential);
  return rotatedFields.filter((field) => {
    const ciphertext = ciphertexts[field];
    return ciphertext !== null && encryptor.keyIdOf(ciphertext) !== keyId;
  });
}
