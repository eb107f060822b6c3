import { createSimulator, type Simulator } from "@titan-sync/simulator";
import { afterEach, describe, expect, it } from "vitest";
import { quickHeartbeats, safeLeaseMs } from "../__fixtures__/quick-heartbeats.js";
import { generateEncryptionKey } from "../crypto/generate-key.js";
import { staticKeys } from "../crypto/static-keys.js";
import { ValidationError } from "../errors.js";
import { memoryStorage } from "../memory/memory-storage.js";
import type { Storage } from "../ports/storage.js";
import { createTitanSync, type TitanSync } from "../titan-sync.js";

const opened: TitanSync[] = [];
afterEach(async () => {
  for (const titan of opened.splice(0)) await titan.close();
});

/** Instances that share a storage, and a ServiceTitan that may hang. */
async function createFixture() {
  const storage = memoryStorage();
  const keys = staticKeys(generateEncryptionKey());
  const simulator = createSimulator({
    rateLimitPerSecond: null,
    exportPageSize: 10,
    tenants: [{ customers: 40, invoices: 5 }],
  });
  const [tenant] = simulator.tenants;
  if (tenant === undefined) throw new Error("The simulator has no tenant.");
  function open(): TitanSync {
    const titan = createTitanSync({
      storage,
      keys,
      sink: async () => ({ rejected: [] }),
      company: async () => ({ trade: "HVAC" }),
      fetch: (input, init) => simulator.handle(new Request(input, init)),
      requestsPerSecond: 1000,
      leaseMs: safeLeaseMs,
      clock: quickHeartbeats,
    });
    opened.push(titan);
    return titan;
  }
  const titan = open();
  const { id: credentialId } = await titan.credentials.create({ companyId: "acme", ...tenant });
  return { storage, simulator, open, titan, request: { credentialId, data: "customers" } as const };
}

function hang(simulator: Simulator): void {
  simulator.faults.inject({ effect: { kind: "hang" }, probability: 1 });
}

async function auditOf(storage: Storage, runId: string) {
  const { items } = await storage.listAudit({}, { limit: 100 });
  return items.filter((entry) => entry.subject === runId).reverse();
}

describe("canceling by id", () => {
  it("stops a run of this instance at once, and reports who asked", async () => {
    const { storage, simulator, titan, request } = await createFixture();
    hang(simulator);
    const run = await titan.sync({ ...request, actor: "starter" });
    const result = await titan.runs.cancel({ runId: run.id, actor: "ann", requestId: "request-1" });
    expect(result).toEqual({ runId: run.id, outcome: "cancelled" });
    expect(await run.result).toMatchObject({ status: "cancelled", error: null });
    expect(await auditOf(storage, run.id)).toMatchObject([
      { action: "sync:start", actor: "starter" },
      { action: "sync:cancel", actor: "starter", details: { status: "cancelled", cancelledBy: "ann" } },
      { action: "sync:stop", actor: "ann", requestId: "request-1", details: { outcome: "cancelled" } },
    ]);
  });

  it("has another instance stop its run with its next heartbeat, and the next sync delivers everything", async () => {
    const { storage, simulator, open, titan, request } = await createFixture();
    hang(simulator);
    const run = await titan.sync(request);
    const elsewhere = open();
    expect(await elsewhere.runs.cancel({ runId: run.id, actor: "ann" })).toEqual({
      runId: run.id,
      outcome: "requested",
    });
    expect(await run.result).toMatchObject({ status: "cancelled" });
    expect(await auditOf(storage, run.id)).toMatchObject([
      { action: "sync:start" },
      { action: "sync:stop", actor: "ann", details: { outcome: "requested" } },
      { action: "sync:cancel", details: { cancelledBy: "ann" } },
    ]);
    simulator.faults.clear();
    const next = await elsewhere.sync(request);
    expect(next.resumed).toBe(false);
    expect(await next.result).toMatchObject({ status: "completed", ledger: { processed: 40 } });
  });

  it("ends a paused run, which is then not continued", async () => {
    const { simulator, titan, request } = await createFixture();
    hang(simulator);
    const paused = await (await titan.sync({ ...request, stopAfterMs: 10 })).result;
    expect(paused.status).toBe("paused");
    expect(await titan.runs.cancel({ runId: paused.runId })).toMatchObject({ outcome: "cancelled" });
    expect(await titan.runs.find(paused.runId)).toMatchObject({ status: "cancelled" });
    simulator.faults.clear();
    const next = await titan.sync(request);
    expect(next).toMatchObject({ resumed: false });
    expect((await next.result).status).toBe("completed");
  });

  it("does not change a run that has ended", async () => {
    const { titan, request } = await createFixture();
    const { runId } = await (await titan.sync(request)).result;
    const ended = await titan.runs.find(runId);
    expect(await titan.runs.cancel({ runId })).toEqual({ runId, outcome: "ended" });
    expect(await titan.runs.find(runId)).toEqual(ended);
  });

  it("cancels the run that fulfills an accepted id, also under another id", async () => {
    const { storage, simulator, titan, request } = await createFixture();
    hang(simulator);
    const run = await titan.sync(request);
    await storage.recordAcceptedRun({ acceptedId: "accepted", runId: run.id });
    const { runId, outcome } = await titan.runs.cancel({ runId: "accepted" });
    expect({ runId, outcome }).toEqual({ runId: run.id, outcome: "cancelled" });
    expect(await titan.runs.find("accepted")).toMatchObject({ id: run.id, status: "cancelled" });
  });

  it("treats another company's run as one that does not exist", async () => {
    const { storage, simulator, titan, request } = await createFixture();
    hang(simulator);
    const run = await titan.sync(request);
    const theirs = titan.runs.cancel({ runId: run.id, companyId: "globex" });
    await expect(theirs).rejects.toBeInstanceOf(ValidationError);
    const unknown = await titan.runs.cancel({ runId: "nobody's" }).catch((error: unknown) => error);
    await expect(theirs).rejects.toEqual(unknown);
    expect(await storage.findRun(run.id)).toMatchObject({ status: "running" });
    expect(await auditOf(storage, run.id)).toHaveLength(1);
  });

  it("lists all problems of a request at once", async () => {
    const { titan } = await createFixture();
    await expect(titan.runs.cancel({ runId: "", actor: "" })).rejects.toMatchObject({
      issues: [expect.stringMatching(/^runId: /), expect.stringMatching(/^actor: /)],
    });
  });
});
