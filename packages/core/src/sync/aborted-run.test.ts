import { describe, expect, it } from "vitest";
import { canaryInput } from "../__fixtures__/stored-credential.js";
import { stubApi } from "../__fixtures__/stubbed-service-titan.js";
import { generateEncryptionKey } from "../crypto/generate-key.js";
import { staticKeys } from "../crypto/static-keys.js";
import { memoryStorage } from "../memory/memory-storage.js";
import type { Logger } from "../ports/logger.js";
import type { RecordSink } from "../ports/record-sink.js";
import { createTitanSync } from "../titan-sync.js";

/** One customer in its own feed; every other feed is empty. */
function feedPage(path: string): Response {
  const data = path.endsWith("/export/customers") ? [customer] : [];
  return Response.json({ hasMore: false, continueFrom: "1", data });
}

const customer = {
  id: 1,
  active: true,
  name: "Ada Example",
  type: "Residential",
  address: { street: "1 Main", unit: null, city: "Austin", state: "TX", zip: "78701", country: "USA" },
  createdOn: "2026-01-01T00:00:00Z",
  modifiedOn: "2026-01-01T00:00:00Z",
};

async function setUp(sink: RecordSink, logger?: Logger) {
  stubApi(feedPage);
  const titan = createTitanSync({
    storage: memoryStorage(),
    keys: staticKeys(generateEncryptionKey()),
    sink,
    company: async () => ({ trade: "HVAC" }),
    logger,
    retry: { firstDelayMs: 1, maxDelayMs: 2 },
  });
  const { id } = await titan.credentials.create(canaryInput);
  const run = async (signal?: AbortSignal) => {
    const handle = await titan.sync({ credentialId: id, data: "customers", signal });
    return await handle.result;
  };
  return { run };
}

describe("a run whose signal is already aborted", () => {
  it("called the sink with a stored batch, whose failure then ended the process", async () => {
    let calls = 0;
    const { run } = await setUp(async () => {
      calls += 1;
      throw new Error("the sink is down");
    });
    expect(await run()).toMatchObject({ status: "failed", error: { code: "SINK" } });
    const before = calls;

    expect(await run(AbortSignal.abort())).toMatchObject({ status: "cancelled" });
    expect(calls).toBe(before);
  });
});

describe("a logger that throws", () => {
  it("ended the process by a failure that a run left unhandled, and the run itself", async () => {
    const careless = (): never => {
      throw new Error("the log is full");
    };
    const logger: Logger = { debug: careless, info: careless, warn: careless, error: careless };
    const { run } = await setUp(async () => ({ rejected: [] }), logger);

    expect(await run()).toMatchObject({ status: "completed" });
  });
});
