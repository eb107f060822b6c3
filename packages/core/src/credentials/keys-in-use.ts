import { throwIfAborted } from "../http/aborted.js";
import type { Ciphertexts, CredentialStore, StoredCredential } from "../ports/credential-store.js";
import type { Encryptor } from "../ports/encryptor.js";

const pageSize = 50;

/** Every credential, page by page. Ends with an {@link AbortedError} when the signal says so. */
export async function* allCredentials(
  store: CredentialStore,
  signal: AbortSignal,
): AsyncGenerator<StoredCredential> {
  let cursor: string | null = null;
  do {
    throwIfAborted(signal);
    const page = await store.listCredentials({}, { limit: pageSize, cursor });
    for (const credential of page.items) {
      throwIfAborted(signal);
      yield credential;
    }
    cursor = page.next;
  } while (cursor !== null);
}

/** Everything of a credential that is encrypted. */
export function ciphertextsOf({ clientId, clientSecret, appKey, token }: StoredCredential): Ciphertexts {
  return { clientId, clientSecret, appKey, accessToken: token?.accessToken ?? null };
}

/** How many credentials have something under each key, by the key's id, in order. */
export async function countKeysInUse(
  store: CredentialStore,
  encryptor: Encryptor,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for await (const credential of allCredentials(store, signal)) {
    for (const id of keyIdsOf(credential, encryptor)) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return new Map([...counts].sort(([left], [right]) => (left < right ? -1 : 1)));
}

function keyIdsOf(credential: StoredCredential, encryptor: Encryptor): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const ciphertext of Object.values(ciphertextsOf(credential))) {
    const id = ciphertext === null ? null : encryptor.keyIdOf(ciphertext);
    if (id !== null) ids.add(id);
  }
  return ids;
}
