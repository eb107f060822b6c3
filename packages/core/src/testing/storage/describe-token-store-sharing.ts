import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../async/system-clock.js";
import { encryptValues } from "../../credentials/encrypt-values.js";
import { contextOf, openCredential } from "../../credentials/open-credential.js";
import { rotateKeys } from "../../credentials/rotate-keys.js";
import type { TokenClient } from "../../credentials/token-client.js";
import { createTokenProvider } from "../../credentials/token-provider.js";
import { generateEncryptionKey } from "../../crypto/generate-key.js";
import { jweEncryptor } from "../../crypto/jwe-encryptor.js";
import { Secret } from "../../crypto/secret.js";
import { staticKeys } from "../../crypto/static-keys.js";
import { InvalidCredentialsError } from "../../errors.js";
import type { AccessTokenSource } from "../../http/access-token-source.js";
import type { StoredCredential } from "../../ports/credential-store.js";
import type { Encryptor } from "../../ports/encryptor.js";
import { silentLogger } from "../../ports/logger.js";
import type { Storage } from "../../ports/storage.js";
import type { StorageFixture } from "./storage-fixture.js";
import { randomCompanyId } from "./tenant-under-test.js";

const oldKey = generateEncryptionKey("old");
const before = jweEncryptor(staticKeys(oldKey));
const values = {
  clientId: new Secret("cid.canary-id"),
  clientSecret: new Secret("cs1.canary-secret"),
  appKey: new Secret("ak1.canary-app-key"),
};

/** What the port of tokens is for: processes that share a storage, with real encryption in between. */
export function describeSharedTokens(fixture: StorageFixture): void {
  describe("tokens of processes that share the storage", () => {
    async function create(): Promise<StoredCredential> {
      const row = {
        id: randomUUID(),
        companyId: randomCompanyId(),
        environment: "production",
        version: 1,
      } as const;
      const { id, companyId, environment } = row;
      const encrypted = await encryptValues(values, row, before);
      return await fixture.storage.createCredential({
        id,
        companyId,
        environment,
        tenantId: "1001",
        ...encrypted,
        status: "pending",
      });
    }

    async function find(id: string): Promise<StoredCredential> {
      const found = await fixture.storage.findCredential(id);
      if (found === null) throw new Error("The credential is not stored.");
      return found;
    }

    const newProcess = (credentialId: string, request: TokenClient["request"]): AccessTokenSource =>
      createTokenProvider({
        credentialId,
        store: fixture.storage,
        encryptor: before,
        client: { request },
        clock: systemClock,
        random: () => 0.5,
        logger: silentLogger,
        audit: fixture.storage,
      });

    it("are requested once for 50 callers in two processes", async () => {
      const { id, version } = await create();
      let requests = 0;
      const request: TokenClient["request"] = async () => {
        requests += 1;
        const accessToken = `canary-token-${requests}`;
        const issuedAt = systemClock.now();
        await delay(50);
        return { accessToken, issuedAt, expiresAt: issuedAt + 900_000 };
      };
      const processes = [newProcess(id, request), newProcess(id, request)];
      const { signal } = new AbortController();
      const callers = Array.from({ length: 50 }, (_, index) => processes[index % 2]?.token(signal));

      expect(new Set(await Promise.all(callers))).toEqual(new Set(["canary-token-1"]));
      expect(requests).toBe(1);
      const stored = await find(id);
      expect(stored).toMatchObject({ version, status: "connected" });
      expect(JSON.stringify(stored)).not.toContain("canary");
      expect(await before.decrypt(stored.token?.accessToken ?? "", contextOf(stored, "accessToken"))).toBe(
        "canary-token-1",
      );
    });

    it("are requested once if the credential is refused", async () => {
      const { id } = await create();
      let requests = 0;
      const request: TokenClient["request"] = async () => {
        requests += 1;
        await delay(20);
        throw new InvalidCredentialsError("refused");
      };
      const processes = [newProcess(id, request), newProcess(id, request)];
      const { signal } = new AbortController();
      const outcomes = await Promise.allSettled(processes.map((tokens) => tokens.token(signal)));

      for (const outcome of outcomes) {
        expect(outcome).toMatchObject({ reason: { code: "AUTH_INVALID_CREDENTIALS" } });
      }
      expect(requests).toBe(1);
      expect(await find(id)).toMatchObject({ status: "error" });
    });

    it("survive a key rotation while they are renewed", async () => {
      const credentials = await Promise.all([create(), create(), create()]);
      const keys = staticKeys(`${generateEncryptionKey("new")},${oldKey}`);
      const renewals = credentials.map(async (credential) => {
        for (let renewal = 1; renewal <= 5; renewal += 1)
          await saveToken(credential, renewal, jweEncryptor(keys));
      });
      // Other credentials of a shared storage do not belong to this test.
      const list = async () => ({
        items: await Promise.all(credentials.map(({ id }) => find(id))),
        next: null,
      });
      const store = listing(fixture.storage, list);
      const result = await rotateKeys({ store, encryptor: jweEncryptor(keys), keys });
      await Promise.all(renewals);

      expect(result).toMatchObject({ checked: 3, failures: [], keysStillUsed: [] });
      for (const { id } of credentials) {
        const stored = await find(id);
        const opened = await openCredential(stored, jweEncryptor(keys));
        expect(opened.clientSecret.reveal()).toBe("cs1.canary-secret");
        const token = stored.token?.accessToken ?? "";
        expect(await jweEncryptor(keys).decrypt(token, contextOf(stored, "accessToken"))).toBe(
          "canary-token-5",
        );
      }
    });

    async function saveToken(
      credential: StoredCredential,
      renewal: number,
      encryptor: Encryptor,
    ): Promise<void> {
      const accessToken = await encryptor.encrypt(
        `canary-token-${renewal}`,
        contextOf(credential, "accessToken"),
      );
      const { id, version } = credential;
      const token = { accessToken, issuedAt: renewal, expiresAt: renewal + 900_000 };
      expect(await fixture.storage.saveToken({ id, version, token })).toBe(true);
    }
  });
}

/** The storage may be an object of a class, whose methods a copy would lose. */
function listing(storage: Storage, listCredentials: Storage["listCredentials"]): Storage {
  return new Proxy(storage, {
    get: (target, name) => {
      if (name === "listCredentials") return listCredentials;
      if (name === "listSuppressionSecrets") return async () => ({ items: [], next: null });
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
