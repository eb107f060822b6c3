import { describe, expect, it } from "vitest";
import { storeCredential } from "../__fixtures__/stored-credential.js";
import { generateEncryptionKey } from "../crypto/generate-key.js";
import { jweEncryptor } from "../crypto/jwe-encryptor.js";
import { staticKeys } from "../crypto/static-keys.js";
import { AbortedError } from "../errors.js";
import { memoryStorage } from "../memory/memory-storage.js";
import { createKeyManager } from "./key-manager.js";

const oldKey = generateEncryptionKey("old");
const keys = staticKeys(`${generateEncryptionKey("new")},${oldKey}`);

async function setUp() {
  const store = memoryStorage();
  const encryptor = jweEncryptor(keys);
  for (const [id, under] of [
    ["one", jweEncryptor(staticKeys(oldKey))],
    ["two", jweEncryptor(staticKeys(oldKey))],
    ["three", encryptor],
    ["four", jweEncryptor(staticKeys(generateEncryptionKey("lost")))],
  ] as const) {
    await storeCredential(store, under, { id, companyId: id });
  }
  return { store, manager: createKeyManager({ store, encryptor, keys }) };
}

describe("the keys", () => {
  it("are listed with the number of secrets under each: the current one first, and those that the ring lacks", async () => {
    const { manager } = await setUp();
    expect(await manager.usage()).toEqual([
      { id: "new", isCurrent: true, isKnown: true, credentials: 1, suppressionLists: 0 },
      { id: "lost", isCurrent: false, isKnown: false, credentials: 1, suppressionLists: 0 },
      { id: "old", isCurrent: false, isKnown: true, credentials: 2, suppressionLists: 0 },
    ]);
  });

  it("include the current one before anything is encrypted with it", async () => {
    const manager = createKeyManager({ store: memoryStorage(), encryptor: jweEncryptor(keys), keys });
    expect(await manager.usage()).toEqual([
      { id: "new", isCurrent: true, isKnown: true, credentials: 0, suppressionLists: 0 },
    ]);
  });

  it("are rotated to the current one on request", async () => {
    const { manager, store } = await setUp();
    expect(await manager.rotate({ actor: "ada" })).toMatchObject({
      reencrypted: 2,
      failures: [{ credentialId: "four" }],
      keysStillUsed: ["lost"],
    });
    const { items } = await store.listAudit({}, { limit: 9 });
    expect(items.map((entry) => entry.actor)).toEqual(["ada", "ada"]);
  });

  it("are no longer counted once nobody is waiting", async () => {
    const { manager } = await setUp();
    await expect(manager.usage({ signal: AbortSignal.abort() })).rejects.toThrow(AbortedError);
  });
});
