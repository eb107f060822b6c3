import { eachItem } from "../async/each-page.js";
import type { Ciphertexts, CredentialStore, StoredCredential } from "../ports/credential-store.js";
import type { Encryptor } from "../ports/encryptor.js";
import type { SuppressionSecret, SuppressionStore } from "../ports/suppression-store.js";

const pageSize = 50;

/** Every credential, page by page. Ends with an {@link AbortedError} when the signal says so. */
export function allCredentials(
  store: Pick<CredentialStore, "listCredentials">,
  signal: AbortSignal,
): AsyncGenerator<StoredCredential> {
  return eachItem((page) => store.listCredentials({}, page), { pageSize, signal });
}

/** Everything of a credential that is encrypted. */
export function ciphertextsOf({ clientId, clientSecret, appKey, token }: StoredCredential): Ciphertexts {
  return { clientId, clientSecret, appKey, accessToken: token?.accessToken ?? null };
}

/** The secret of every company's suppression list, page by page. Ends as {@link allCredentials} does. */
export function allSuppressionSecrets(
  store: Pick<SuppressionStore, "listSuppressionSecrets">,
  signal: AbortSignal,
): AsyncGenerator<SuppressionSecret> {
  return eachItem((page) => store.listSuppressionSecrets(page), { pageSize, signal });
}

/** What is encrypted with one key. */
export interface UnderKey {
  /** Credentials with something encrypted with it. */
  readonly credentials: number;
  /** Companies whose suppression list is hashed with a secret under it. */
  readonly suppressionLists: number;
}

/** What is under each key, by the key's id, in order. */
export async function countKeysInUse(
  store: CredentialStore & Pick<SuppressionStore, "listSuppressionSecrets">,
  encryptor: Encryptor,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, UnderKey>> {
  const counts = new Map<string, UnderKey>();
  const add = (id: string, name: keyof UnderKey): void => {
    const before = counts.get(id) ?? { credentials: 0, suppressionLists: 0 };
    counts.set(id, { ...before, [name]: before[name] + 1 });
  };
  for await (const credential of allCredentials(store, signal)) {
    for (const id of keyIdsOf(credential, encryptor)) add(id, "credentials");
  }
  for await (const { secret } of allSuppressionSecrets(store, signal)) {
    const id = encryptor.keyIdOf(secret);
    if (id !== null) add(id, "suppressionLists");
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
