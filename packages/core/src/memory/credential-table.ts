import { changedMeanwhile, credentialTaken } from "../conflicts.js";

import { decodeCursor } from "../paging/page-cursor.js";
import type { Clock } from "../ports/clock.js";
import type {
  Ciphertexts,
  CredentialFilter,
  CredentialStore,
  StoredCredential,
} from "../ports/credential-store.js";
import type { TokenStore } from "../ports/token-store.js";
import { compareText } from "./compare-ids.js";
import { takePage } from "./paging.js";

/** What the stores of credentials and tokens do without looking at other data. */
export type MemoryCredentials = Omit<CredentialStore, "removeCredential"> &
  TokenStore & {
    /** Does nothing for an unknown id. */
    recordSync(id: string): void;
    find(id: string): StoredCredential | null;
    all(): readonly StoredCredential[];
    remove(id: string): void;
  };

export function memoryCredentials(clock: Clock): MemoryCredentials {
  const credentials = new Map<string, StoredCredential>();
  const tokenLeases = new Map<string, { readonly owner: string; readonly expiresAt: number }>();

  function find(id: string, version?: number): StoredCredential | null {
    const credential = credentials.get(id) ?? null;
    return version === undefined || credential?.version === version ? credential : null;
  }

  function put(credential: StoredCredential): StoredCredential {
    credentials.set(credential.id, credential);
    return credential;
  }

  return {
    find,
    all: () => [...credentials.values()],

    async createCredential(added) {
      const isTaken = [...credentials.values()].some(
        ({ id, companyId, environment }) =>
          id === added.id || (companyId === added.companyId && environment === added.environment),
      );
      if (isTaken) {
        throw credentialTaken();
      }
      const { id, companyId, tenantId, environment, clientId, clientSecret, appKey, status } = added;
      const now = clock.now();
      return put({
        id,
        companyId,
        tenantId,
        environment,
        version: 1,
        clientId,
        clientSecret,
        appKey,
        token: null,
        status,
        lastConnectionAttemptAt: null,
        lastSyncAt: null,
        createdAt: now,
        updatedAt: now,
      });
    },

    findCredential: async (id) => find(id),

    async listCredentials(filter, page) {
      const [companyId, environment] = decodeCursor("credentials", 2, page) ?? [];
      const isAfter = (credential: StoredCredential): boolean =>
        companyId === undefined ||
        environment === undefined ||
        compareOwners(credential, { companyId, environment }) > 0;
      const listed = [...credentials.values()]
        .filter((credential) => matches(credential, filter) && isAfter(credential))
        .sort(compareOwners);
      return takePage("credentials", listed, page, (credential) => [
        credential.companyId,
        credential.environment,
      ]);
    },

    async updateCredential({ id, expectedVersion, tenantId, clientId, clientSecret, appKey }) {
      const before = find(id, expectedVersion);
      if (before === null) {
        throw changedMeanwhile("credential");
      }
      tokenLeases.delete(id);
      return put({
        ...before,
        tenantId,
        version: expectedVersion + 1,
        clientId,
        clientSecret,
        appKey,
        token: null,
        status: "pending",
        updatedAt: clock.now(),
      });
    },

    async setConnectionStatus({ id, version, status }) {
      const before = find(id, version);
      if (before === null) return;
      const now = clock.now();
      put({ ...before, status, lastConnectionAttemptAt: now, updatedAt: now });
    },

    async saveToken({ id, version, token }) {
      const before = find(id, version);
      if (before === null) return false;
      const { accessToken, issuedAt, expiresAt } = token;
      put({ ...before, token: { accessToken, issuedAt, expiresAt }, updatedAt: clock.now() });
      return true;
    },

    async dropToken({ id, accessToken }) {
      const before = find(id);
      if (before?.token?.accessToken !== accessToken) return;
      put({ ...before, token: null, updatedAt: clock.now() });
    },

    async acquireTokenLease({ credentialId, owner, leaseMs }) {
      const lease = tokenLeases.get(credentialId);
      const isHeld = lease !== undefined && lease.owner !== owner && lease.expiresAt > clock.now();
      if (isHeld || !credentials.has(credentialId)) return false;
      tokenLeases.set(credentialId, { owner, expiresAt: clock.now() + leaseMs });
      return true;
    },

    async releaseTokenLease({ credentialId, owner }) {
      if (tokenLeases.get(credentialId)?.owner === owner) tokenLeases.delete(credentialId);
    },

    async replaceCiphertexts({ id, expected, replacement }) {
      const before = find(id);
      if (before === null || !isEqual(ciphertextsOf(before), expected)) return false;
      const { clientId, clientSecret, appKey, accessToken } = replacement;
      const token = before.token === null || accessToken === null ? null : { ...before.token, accessToken };
      put({ ...before, clientId, clientSecret, appKey, token });
      return true;
    },

    recordSync(id) {
      const before = find(id);
      if (before !== null) put({ ...before, lastSyncAt: clock.now() });
    },

    remove(id) {
      credentials.delete(id);
      tokenLeases.delete(id);
    },
  };
}

function matches(credential: StoredCredential, filter: CredentialFilter): boolean {
  const { companyId, companyIds, environment, status, tokenExpiresBefore } = filter;
  return (
    (companyId === undefined || credential.companyId === companyId) &&
    (companyIds === undefined || companyIds.includes(credential.companyId)) &&
    (environment === undefined || credential.environment === environment) &&
    (status === undefined || credential.status === status) &&
    (tokenExpiresBefore === undefined ||
      (credential.token !== null && credential.token.expiresAt < tokenExpiresBefore))
  );
}

interface CredentialOwner {
  readonly companyId: string;
  readonly environment: string;
}

function compareOwners(left: CredentialOwner, right: CredentialOwner): number {
  return compareText(left.companyId, right.companyId) || compareText(left.environment, right.environment);
}

function ciphertextsOf({ clientId, clientSecret, appKey, token }: StoredCredential): Ciphertexts {
  return { clientId, clientSecret, appKey, accessToken: token?.accessToken ?? null };
}

function isEqual(left: Ciphertexts, right: Ciphertexts): boolean {
  return (
    left.clientId === right.clientId &&
    left.clientSecret === right.clientSecret &&
    left.appKey === right.appKey &&
    left.accessToken === right.accessToken
  );
}
