import { describe, expect, it } from "vitest";
import { canaryInput } from "./__fixtures__/stored-credential.js";
import { generateEncryptionKey } from "./crypto/generate-key.js";
import { staticKeys } from "./crypto/static-keys.js";
import { memoryStorage } from "./memory/memory-storage.js";
import { createTitanSync, type TitanSync } from "./titan-sync.js";

const refusing: typeof fetch = async () => new Response("{}", { status: 401 });

async function setUp(): Promise<{ readonly titan: TitanSync; readonly credentialId: string }> {
  const titan = createTitanSync({
    storage: memoryStorage(),
    keys: staticKeys(generateEncryptionKey("k1")),
    sink: async () => ({ rejected: [] }),
    company: async () => ({ trade: "HVAC" }),
    fetch: refusing,
  });
  const { id } = await titan.credentials.create(canaryInput);
  return { titan, credentialId: id };
}

describe("createTitanSync", () => {
  it("notes who opened which secrets for a run", async () => {
    const { titan, credentialId } = await setUp();
    const run = await titan.sync({ credentialId, data: "customers", actor: "ada" });
    await run.result;
    const { items } = await titan.history.listAudit({}, { limit: 50 });
    expect(items).toContainEqual(
      expect.objectContaining({
        actor: "ada",
        action: "secret:decrypt",
        subject: credentialId,
        outcome: "success",
        details: { fields: ["clientId", "clientSecret", "appKey"], purpose: "sync", version: 1 },
      }),
    );
    expect(JSON.stringify(items)).not.toContain("kanari");
  });

  it("tells which keys are in use", async () => {
    const { titan } = await setUp();
    expect(await titan.keys.usage()).toEqual([{ id: "k1", isCurrent: true, isKnown: true, credentials: 1 }]);
  });
});
