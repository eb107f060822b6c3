import { describe, expect, it } from "vitest";
import { canaryInput, storeCredential } from "../__fixtures__/stored-credential.js";
import { generateEncryptionKey } from "../crypto/generate-key.js";
import { jweEncryptor } from "../crypto/jwe-encryptor.js";
import { staticKeys } from "../crypto/static-keys.js";
import { AbortedError, StorageError } from "../errors.js";
import { memoryStorage } from "../memory/memory-storage.js";
import type { Storage } from "../ports/storage.js";
import { openHasher, provideHasher, suppressionContext } from "../suppressions/row-hasher.js";
import { contextOf, openCredential } from "./open-credential.js";
import { type KeyRotationProgress, rotateKeys } from "./rotate-keys.js";

const oldKey = generateEncryptionKey("old");
const newKey = generateEncryptionKey("new");
const before = jweEncryptor(staticKeys(oldKey));
const keys = staticKeys(`${newKey},${oldKey}`);
const encryptor = jweEncryptor(keys);
const afterwards = jweEncryptor(staticKeys(newKey));

async function setUp(count: number): Promise<Storage> {
  const storage = memoryStorage();
  for (let index = 0; index < count; index += 1) {
    const number = String(index).padStart(3, "0");
    const stored = await storeCredential(storage, before, {
      id: `id-${number}`,
      companyId: `company-${number}`,
    });
    if (index % 2 === 1) await giveToken(storage, stored.id, before);
  }
  return storage;
}

async function giveToken(storage: Storage, id: string, under: typeof encryptor): Promise<void> {
  const stored = await storage.findCredential(id);
  if (stored === null) throw new Error("no credential");
  const accessToken = await under.encrypt("kanari-token", contextOf(stored, "accessToken"));
  await storage.saveToken({
    id,
    version: stored.version,
    token: { accessToken, issuedAt: 0, expiresAt: 900_000 },
  });
}

/** Every credential, opened, with its token. */
async function openAll(storage: Storage, under: typeof encryptor): Promise<number> {
  const { items } = await storage.listCredentials({}, { limit: 1000 });
  for (const stored of items) {
    const { clientSecret } = await openCredential(stored, under);
    expect(clientSecret.reveal()).toBe(canaryInput.clientSecret);
    if (stored.token === null) continue;
    expect(await under.decrypt(stored.token.accessToken, contextOf(stored, "accessToken"))).toBe(
      "kanari-token",
    );
  }
  return items.length;
}

describe("rotateKeys", () => {
  it("re-encrypts every credential and token, after which the old key is not needed", async () => {
    const store = await setUp(120);
    const result = await rotateKeys({ store, encryptor, keys });

    expect(result).toEqual({
      currentKeyId: "new",
      checked: 120,
      reencrypted: 120,
      suppressionLists: 0,
      failures: [],
      keysStillUsed: [],
    });
    expect(await openAll(store, afterwards)).toBe(120);
  });

  it("changes nothing but the ciphertexts, and nothing at all the second time", async () => {
    const store = await setUp(1);
    await giveToken(store, "id-000", before);
    const first = await store.findCredential("id-000");
    await rotateKeys({ store, encryptor, keys });
    const second = await store.findCredential("id-000");
    const { clientId, clientSecret, appKey, token } = second ?? {};
    expect(second).toEqual({ ...first, clientId, clientSecret, appKey, token });

    expect(await rotateKeys({ store, encryptor, keys })).toMatchObject({ checked: 1, reencrypted: 0 });
    expect(await store.findCredential("id-000")).toEqual(second);
  });

  it("reports progress after each credential", async () => {
    const store = await setUp(3);
    const progress: KeyRotationProgress[] = [];
    await rotateKeys({ store, encryptor, keys, onProgress: (step) => progress.push(step) });

    expect(progress).toEqual([1, 2, 3].map((count) => ({ checked: count, reencrypted: count })));
  });

  it("leaves every credential readable wherever it is killed, and the last call finishes", async () => {
    const store = await setUp(25);
    let killed = 0;
    for (let calls = 1; calls <= 20; calls += 1) {
      let left = (calls * 7) % 13;
      const dying: typeof store = {
        ...store,
        replaceCiphertexts: async (params) => {
          left -= 1;
          if (left === 0) throw new StorageError("killed before the write");
          const replaced = await store.replaceCiphertexts(params);
          if (left === 1 && calls % 2 === 0) throw new StorageError("killed after the write");
          return replaced;
        },
      };
      await rotateKeys({ store: dying, encryptor, keys }).catch((error: unknown) => {
        expect(error).toBeInstanceOf(StorageError);
        killed += 1;
      });
      expect(await openAll(store, encryptor)).toBe(25);
    }

    expect(killed).toBeGreaterThan(3);
    expect(await rotateKeys({ store, encryptor, keys })).toMatchObject({ keysStillUsed: [], failures: [] });
    expect(await openAll(store, afterwards)).toBe(25);
  });

  it("loses no token that is renewed meanwhile", async () => {
    const store = await setUp(4);
    const racing: typeof store = {
      ...store,
      replaceCiphertexts: async (params) => {
        const stored = await store.findCredential(params.id);
        if (stored?.token === null) await giveToken(store, params.id, before);
        return await store.replaceCiphertexts(params);
      },
    };
    const result = await rotateKeys({ store: racing, encryptor, keys });

    expect(result).toMatchObject({ reencrypted: 4, failures: [], keysStillUsed: [] });
    const { items } = await store.listCredentials({}, { limit: 9 });
    expect(items.every((item) => item.token !== null)).toBe(true);
    await openAll(store, afterwards);
  });

  it("gives up on a credential that keeps changing, reports it, and continues", async () => {
    const store = await setUp(2);
    const racing: typeof store = {
      ...store,
      replaceCiphertexts: async (params) => {
        if (params.id === "id-000") await giveToken(store, "id-000", before);
        return await store.replaceCiphertexts(params);
      },
    };

    expect(await rotateKeys({ store: racing, encryptor, keys })).toMatchObject({
      checked: 2,
      reencrypted: 1,
      failures: [{ credentialId: "id-000", code: "CONFLICT" }],
      keysStillUsed: ["old"],
    });
  });

  it("names what cannot be decrypted, and which key is missing", async () => {
    const store = await setUp(2);
    const lost = jweEncryptor(staticKeys(generateEncryptionKey("lost")));
    await storeCredential(store, lost, { id: "id-lost", companyId: "company-lost" });
    const result = await rotateKeys({ store, encryptor, keys });

    expect(result).toMatchObject({
      checked: 3,
      reencrypted: 2,
      failures: [{ credentialId: "id-lost", code: "CRYPTO", message: expect.stringContaining('"lost"') }],
      keysStillUsed: ["lost"],
    });
  });

  it("drops a token that cannot be decrypted: it must not keep its key in use", async () => {
    const store = await setUp(1);
    await giveToken(store, "id-000", jweEncryptor(staticKeys(generateEncryptionKey("lost"))));

    expect(await rotateKeys({ store, encryptor, keys })).toMatchObject({ failures: [], keysStillUsed: [] });
    expect((await store.findCredential("id-000"))?.token).toBeNull();
  });

  it("stops when the encryptor fails for a reason other than a key", async () => {
    const store = await setUp(2);
    const decrypt: typeof encryptor.decrypt = async (text, context) => {
      if (context.field === "accessToken") throw new RangeError("m");
      return await encryptor.decrypt(text, context);
    };

    await expect(rotateKeys({ store, encryptor: { ...encryptor, decrypt }, keys })).rejects.toThrow(
      RangeError,
    );
    expect(await openAll(store, encryptor)).toBe(2);
  });

  it("skips a credential that is removed meanwhile", async () => {
    const store = await setUp(2);
    const racing: typeof store = {
      ...store,
      replaceCiphertexts: async (params) => {
        if (params.id === "id-000") await store.removeCredential({ id: params.id, withData: false });
        return await store.replaceCiphertexts(params);
      },
    };

    expect(await rotateKeys({ store: racing, encryptor, keys })).toMatchObject({
      reencrypted: 1,
      failures: [],
    });
  });

  it("re-encrypts a suppression list's secret without changing its hashes", async () => {
    const store = await setUp(1);
    const customer = (await provideHasher({ store, encryptor: before }, "acme")).hash("customers", "7");
    const result = await rotateKeys({ store, encryptor, keys, actor: "ada" });

    expect(result).toMatchObject({ suppressionLists: 1, failures: [], keysStillUsed: [] });
    const hasher = await openHasher({ store, encryptor: afterwards }, "acme");
    expect(hasher?.hash("customers", "7")).toBe(customer);
    const { items } = await store.listAudit({ companyId: "acme" }, { limit: 9 });
    expect(items).toMatchObject([{ actor: "ada", action: "secret:encrypt", details: { purpose: "rotate" } }]);
    expect(await rotateKeys({ store, encryptor, keys })).toMatchObject({ suppressionLists: 0 });
  });

  it("leaves a suppression list usable wherever it is killed, or if another process is faster", async () => {
    const store = await setUp(0);
    const customer = (await provideHasher({ store, encryptor: before }, "acme")).hash("customers", "7");
    const hashUnder = async (ring: typeof encryptor) =>
      (await openHasher({ store, encryptor: ring }, "acme"))?.hash("customers", "7");
    const replace = store.replaceSuppressionSecret;
    let isFirst = true;
    const racing: typeof store = {
      ...store,
      replaceSuppressionSecret: async (params) => {
        if (isFirst) await replace({ ...params, replacement: await anewUnder(before, params.expected) });
        isFirst = false;
        return await replace(params);
      },
    };
    const dying: typeof store = {
      ...store,
      replaceSuppressionSecret: async (params) => {
        await replace(params);
        throw new StorageError("killed after the write");
      },
    };
    const anewUnder = async (ring: typeof encryptor, secret: string) =>
      ring.encrypt(await ring.decrypt(secret, suppressionContext("acme")), suppressionContext("acme"));

    expect(await rotateKeys({ store: racing, encryptor, keys })).toMatchObject({ suppressionLists: 1 });
    expect(await hashUnder(afterwards)).toBe(customer);
    const third = jweEncryptor(staticKeys(`${generateEncryptionKey("third")},${newKey}`));
    const thirdKeys = { current: async () => ({ id: "third", bytes: new Uint8Array(64) }) };
    await expect(rotateKeys({ store: dying, encryptor: third, keys: thirdKeys })).rejects.toThrow(
      StorageError,
    );
    expect(await hashUnder(third)).toBe(customer);
  });

  it("names a suppression list whose secret cannot be decrypted, and continues", async () => {
    const store = await setUp(0);
    const lost = jweEncryptor(staticKeys(generateEncryptionKey("lost")));
    await provideHasher({ store, encryptor: lost }, "acme");
    await provideHasher({ store, encryptor: before }, "other");

    expect(await rotateKeys({ store, encryptor, keys })).toMatchObject({
      suppressionLists: 1,
      failures: [{ companyId: "acme", credentialId: null, code: "CRYPTO" }],
      keysStillUsed: ["lost"],
    });
  });

  it("stops between two credentials when its signal is aborted", async () => {
    const store = await setUp(3);
    const controller = new AbortController();
    const work = rotateKeys({
      store,
      encryptor,
      keys,
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });

    await expect(work).rejects.toThrow(AbortedError);
    expect(await openAll(store, encryptor)).toBe(3);
    expect(await rotateKeys({ store, encryptor, keys })).toMatchObject({ reencrypted: 2 });
  });

  it("records in the audit log what it encrypted, and no value", async () => {
    const store = await setUp(2);
    await rotateKeys({ store, encryptor, keys, actor: "ada" });

    const { items } = await store.listAudit({}, { limit: 9 });
    const values = ["clientId", "clientSecret", "appKey"];
    expect([...items].reverse()).toMatchObject([
      {
        actor: "ada",
        action: "secret:encrypt",
        subject: "id-000",
        details: { purpose: "rotate", fields: values },
      },
      { subject: "id-001", details: { fields: [...values, "accessToken"] } },
    ]);
    expect(JSON.stringify(items)).not.toContain("kanari");
  });
});
