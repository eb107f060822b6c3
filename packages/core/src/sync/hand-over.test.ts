import { createSimulator, type Simulator } from "@titan-sync/simulator";
import { afterEach, describe, expect, it } from "vitest";
import { generateEncryptionKey } from "../crypto/generate-key.js";
import { staticKeys } from "../crypto/static-keys.js";
import { StorageError } from "../errors.js";
import { memorySink } from "../memory/memory-sink.js";
import { memoryStorage } from "../memory/memory-storage.js";
import { createTitanSync, type TitanSync } from "../titan-sync.js";
import type { RunHandle } from "./run-handle.js";

const opened: TitanSync[] = [];
afterEach(async () => {
  for (const titan of opened.splice(0)) await titan.close();
});

async function createFixture(storage = memoryStorage()) {
  const keys = staticKeys(generateEncryptionKey());
  const simulator = createSimulator({
    rateLimitPerSecond: null,
    exportPageSize: 10,
    tenants: [{ customers: 40, invoices: 5 }],
  });
  const [tenant] = simulator.tenants;
  if (tenant === undefined) throw new Error("The simulator has no tenant.");
  const sink = memorySink();
  function open(): TitanSync {
    const titan = createTitanSync({
      storage,
      keys,
      sink,
      company: async () => ({ trade: "HVAC" }),
      fetch: (input, init) => simulator.handle(new Request(input, init)),
      requestsPerSecond: 1000,
      leaseMs: 1000,
      retry: { firstDelayMs: 1, maxDelayMs: 2, maxAttempts: 2 },
    });
    opened.push(titan);
    return titan;
  }
  const titan = open();
  const { id: credentialId } = await titan.credentials.create({ companyId: "acme", ...tenant });
  return { storage, simulator, sink, open, titan, request: { credentialId, data: "customers" } as const };
}

function hang(simulator: Simulator): void {
  simulator.faults.inject({ effect: { kind: "hang" }, probability: 1 });
}

async function untilLanded(run: RunHandle): Promise<void> {
  for await (const event of run.events()) if (event.event === "batch:landed") return;
}

describe("a run that is handed over", () => {
  it("is continued under its id by another instance, which delivers everything", async () => {
    const { storage, sink, open, titan, request } = await createFixture();
    const run = await titan.sync(request);
    await untilLanded(run);
    await run.handOver();
    await run.handOver();
    expect(await run.result).toMatchObject({ status: "paused", error: null });
    expect(run.hasProgressed()).toBe(true);
    expect(await storage.findRun(run.id)).toMatchObject({ status: "paused", handedOver: 1 });

    const next = await open().sync(request);
    expect(next).toMatchObject({ id: run.id, resumed: true });
    expect(await next.result).toMatchObject({ status: "completed", ledger: { processed: 40 } });
    expect((await storage.listRuns({}, { limit: 10 })).items).toMatchObject([
      { id: run.id, status: "completed", handedOver: 1 },
    ]);
    const keys = sink.batches.flatMap(({ items }) => items.map(({ key }) => key));
    expect(keys).toHaveLength(new Set(keys).size);
    const whole = await (await titan.sync({ ...request, rederive: true })).result;
    expect(whole.ledger).toMatchObject({ processed: 40, successful: 0 });
  });

  it("stays paused when its instance is closed before it has stopped", async () => {
    const { storage, simulator, titan, request } = await createFixture();
    hang(simulator);
    const run = await titan.sync(request);
    const handedOver = run.handOver();
    await titan.close();
    await handedOver;
    expect(run.hasProgressed()).toBe(false);
    expect(await storage.findRun(run.id)).toMatchObject({ status: "paused", handedOver: 1 });
  });

  it("ends canceled if somebody has asked for that meanwhile", async () => {
    const { storage, simulator, open, titan, request } = await createFixture();
    hang(simulator);
    const run = await titan.sync(request);
    expect(await open().runs.cancel({ runId: run.id, actor: "ann" })).toMatchObject({ outcome: "requested" });
    await run.handOver();
    expect(await run.result).toMatchObject({ status: "cancelled" });
    expect(await storage.findRun(run.id)).toMatchObject({ status: "cancelled", handedOver: 0 });
  });

  it("is canceled if it is a dry run, which nobody could continue", async () => {
    const { simulator, titan, request } = await createFixture();
    hang(simulator);
    const run = await titan.sync({ ...request, dryRun: true });
    await run.handOver();
    expect(await run.result).toMatchObject({ status: "cancelled" });
  });
});

describe("a storage that does not answer for a moment", () => {
  function cutOnce() {
    const storage = memoryStorage();
    let cuts = 1;
    return {
      ...storage,
      async landRows(params: Parameters<typeof storage.landRows>[0]) {
        cuts -= 1;
        if (cuts >= 0) throw new StorageError("The connection was lost.", { retryable: true });
        return await storage.landRows(params);
      },
    };
  }

  it("fails a run, or pauses it for who continues it", async () => {
    const failing = await createFixture(cutOnce());
    const failed = await (await failing.titan.sync(failing.request)).result;
    expect(failed).toMatchObject({ status: "failed", error: { code: "STORAGE" } });

    const { titan, request } = await createFixture(cutOnce());
    const paused = await (await titan.sync({ ...request, pauseOnFailure: true })).result;
    expect(paused).toMatchObject({ status: "paused", error: { code: "STORAGE" } });
    const next = await titan.sync(request);
    expect(next).toMatchObject({ id: paused.runId, resumed: true });
    expect(await next.result).toMatchObject({ status: "completed", error: null, ledger: { processed: 40 } });
  });
});

describe("a failure in the middle of a run that somebody continues", () => {
  it("pauses the run if it may pass by itself, and what was read is kept", async () => {
    const { simulator, titan, request } = await createFixture();
    simulator.faults.inject({ effect: { kind: "status", status: 500 }, feed: "customers", probability: 1 });
    const paused = await (await titan.sync({ ...request, pauseOnFailure: true })).result;
    expect(paused).toMatchObject({ status: "paused", error: { code: "API_UNAVAILABLE" } });
    simulator.faults.clear();
    const next = await titan.sync(request);
    expect(next).toMatchObject({ id: paused.runId, resumed: true });
    expect(await next.result).toMatchObject({ status: "completed", error: null, ledger: { processed: 40 } });
  });

  it("ends the run if only a person can help, such as with a missing scope", async () => {
    const { simulator, titan, request } = await createFixture();
    simulator.faults.inject({ effect: { kind: "missing-scope" }, feed: "customers", probability: 1 });
    const failed = await (await titan.sync({ ...request, pauseOnFailure: true })).result;
    expect(failed).toMatchObject({ status: "failed", error: { code: "AUTH_INSUFFICIENT_SCOPE" } });
  });
});
