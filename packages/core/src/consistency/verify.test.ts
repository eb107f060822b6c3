import { createSimulator } from "@titan-sync/simulator";
import { describe, expect, it } from "vitest";
import { generateEncryptionKey } from "../crypto/generate-key.js";
import { staticKeys } from "../crypto/static-keys.js";
import { memorySink } from "../memory/memory-sink.js";
import { memoryStorage } from "../memory/memory-storage.js";
import type { RecordSinkObject } from "../ports/record-sink.js";
import type { StoredRejection } from "../ports/rejection-store.js";
import type { Storage } from "../ports/storage.js";
import type { CompanyFeeds } from "../records/company-feeds.js";
import type { HostRecord } from "../records/record.js";
import { openRun } from "../testing/storage/open-run.js";
import { createTitanSync } from "../titan-sync.js";

const companyId = "acme";
const { signal } = new AbortController();

/** A tenant that was synced once, and what a check finds then. */
async function syncedWorld() {
  const simulator = createSimulator({
    rateLimitPerSecond: null,
    exportLagMs: 0,
    tenants: [{ customers: 40, invoices: 60 }],
  });
  const [tenant] = simulator.tenants;
  if (tenant === undefined) throw new Error("The simulator has no tenant.");
  const storage = memoryStorage();
  const sink = memorySink();
  const keys = staticKeys(generateEncryptionKey());
  const titanOn = (on: Storage, to: RecordSinkObject, feeds: CompanyFeeds = {}) =>
    createTitanSync({
      storage: on,
      sink: to,
      keys,
      company: async () => ({ trade: "HVAC", importId: 7, timeZone: "America/Chicago", feeds }),
      fetch: (input, init) => simulator.handle(new Request(input, init)),
      requestsPerSecond: 1000,
      retry: { firstDelayMs: 1, maxDelayMs: 2, jitter: 0 },
    });
  const titan = titanOn(storage, sink);
  const { id: credentialId } = await titan.credentials.create({ companyId, ...tenant });
  const run = await titan.sync({ credentialId });
  expect(await run.result).toMatchObject({ status: "completed" });
  const scope = { companyId, environment: tenant.environment, tenantId: tenant.tenantId } as const;
  return {
    simulator,
    storage,
    sink,
    titan,
    credentialId,
    scope,
    /** What a check says of this storage and sink, changed somehow. */
    check: async (
      changes: Partial<Storage> = {},
      to: RecordSinkObject = sink,
      api = true,
      left: CompanyFeeds = {},
    ) => await titanOn({ ...storage, ...changes }, to, left).verify({ credentialId, api }),
    begin: (runId: string) => openRun(storage, { credentialId, scope, runId, leaseMs: 60_000 }),
    someId: [...sink.records("member").keys()][0] ?? "",
  };
}

const codesOf = ({ differences }: { readonly differences: readonly { readonly code: string }[] }) =>
  differences.map(({ code }) => code);

describe("a check after a sync", () => {
  it("finds nothing if nothing is wrong, even after changes that no sync has read", async () => {
    const world = await syncedWorld();
    expect(await world.check()).toEqual({ isConsistent: true, credentials: 1, differences: [] });
    world.simulator.mutateRandomly({ count: 10 });
    expect(codesOf(await world.check())).toEqual([]);
    const full = await world.titan.sync({ credentialId: world.credentialId, mode: "full" });
    await full.result;
    expect(codesOf(await world.check())).toEqual([]);
  });

  it("names records that the sink lacks, has at another revision, or should not have", async () => {
    const world = await syncedWorld();
    const { sink, scope, someId } = world;
    const record = { customer_name: "Nobody" } as HostRecord;
    const batch = { id: "x", runId: "x", credentialId: "x", scope, record: "member" } as const;
    const held = sink.records("member").get(someId);
    const [, otherId = ""] = [...sink.records("member").keys()];
    const revision = (held?.revision ?? 0) + 1;
    await sink.write(
      {
        ...batch,
        items: [
          { op: "upsert", key: someId, revision, record },
          { op: "remove", key: otherId, revision },
          { op: "upsert", key: "99999999", revision, record },
        ],
      },
      { signal },
    );
    const result = await world.check();
    expect(result.isConsistent).toBe(false);
    expect(result.differences).toEqual([
      expect.objectContaining({ code: "SINK_LACKS", examples: [otherId], counts: { records: 1 } }),
      expect.objectContaining({ code: "SINK_DIFFERS", examples: [someId], subject: "member records" }),
      expect.objectContaining({ code: "SINK_HAS_MORE", examples: ["99999999"], companyId }),
    ]);
    const full = await world.titan.sync({ credentialId: world.credentialId, mode: "full" });
    await full.result;
    expect(codesOf(await world.check())).toEqual([]);
  });

  it("says that the sink cannot be read, which is not a problem", async () => {
    const world = await syncedWorld();
    const result = await world.check({}, { write: async () => ({ rejected: [] }) });
    expect(codesOf(result)).toEqual(["SINK_NOT_READABLE", "SINK_NOT_READABLE"]);
    expect(result.isConsistent).toBe(true);
  });

  it("names feeds with more or fewer landed rows than the API lists", async () => {
    const world = await syncedWorld();
    const { storage } = world;
    const fewer = await world.check({
      async countEntities(params) {
        const counted = await storage.countEntities(params);
        return params.feed === "invoices" ? { ...counted, live: Math.max(0, counted.live - 2) } : counted;
      },
    });
    expect(fewer.differences).toMatchObject([
      { code: "API_HAS_MORE", level: "problem", subject: "invoices", counts: { live: 58, total: 60 } },
    ]);
    const id = Number(world.someId);
    world.simulator.mutate(world.scope.tenantId, { kind: "delete", feed: "customers", id });
    expect((await world.check()).differences).toMatchObject([
      { code: "API_HAS_FEWER", level: "warning", subject: "customers" },
    ]);
  });

  it("counts rows of erased customers as suppressed, from the next full sync on", async () => {
    const world = await syncedWorld();
    const { titan, credentialId, someId } = world;
    await titan.erase({ companyId, customerId: someId });
    const unknown = await world.check();
    expect(unknown.isConsistent).toBe(true);
    expect(unknown.differences).toContainEqual(
      expect.objectContaining({
        code: "API_HAS_MORE",
        level: "note",
        subject: "customers",
        message: expect.stringContaining("were erased since the last full pass"),
      }),
    );
    await (await titan.sync({ credentialId, mode: "full" })).result;
    expect(codesOf(await world.check())).toEqual([]);

    // One more is missing than is suppressed.
    const lost = await world.check({
      async countEntities(params) {
        const counted = await world.storage.countEntities(params);
        return params.feed === "customers" ? { ...counted, live: Math.max(0, counted.live - 1) } : counted;
      },
    });
    expect(lost.differences).toMatchObject([
      { code: "API_HAS_MORE", level: "problem", subject: "customers", counts: { suppressed: 1, live: 38 } },
    ]);

    // Once it is lifted, nothing is suppressed: what is missing is missing.
    await titan.suppressions.lift({ companyId, customerId: someId });
    expect((await world.check()).differences).toContainEqual(
      expect.objectContaining({ code: "API_HAS_MORE", level: "problem", subject: "customers" }),
    );
  });

  it("compares no feed that the company has turned off, even if it landed earlier", async () => {
    const world = await syncedWorld();
    const { simulator, scope } = world;
    for (const { id } of simulator.rows(scope.tenantId, "zones")) {
      simulator.mutate(scope.tenantId, { kind: "delete", feed: "zones", id });
    }
    expect((await world.check()).differences).toMatchObject([{ code: "API_HAS_FEWER", subject: "zones" }]);
    expect(codesOf(await world.check({}, world.sink, true, { zones: "off" }))).toEqual([]);
  });

  it("names entities without a record, and records without an entity", async () => {
    const world = await syncedWorld();
    const { storage, someId } = world;
    const lost = await world.check({
      findDeliveredRecords: async (params) =>
        (await storage.findDeliveredRecords(params)).filter(({ id }) => id !== someId),
    });
    expect(lost.differences).toContainEqual(
      expect.objectContaining({ code: "RECORDS_MISSING", examples: [someId], level: "problem" }),
    );
    const behind = await world.check({
      listEntityIds: async (params) =>
        (await storage.listEntityIds(params)).map((row) => ({
          ...row,
          removed: row.removed || row.id === someId,
        })),
    });
    expect(behind.differences).toContainEqual(
      expect.objectContaining({ code: "RECORDS_LEFT_BEHIND", examples: expect.arrayContaining([someId]) }),
    );
  });

  it("does not treat a record whose rejection was dismissed as lost, but still reports it", async () => {
    const world = await syncedWorld();
    const { storage, titan, credentialId } = world;
    const rejected = (await storage.listRejections({ credentialId, stage: "record" }, { limit: 100 })).items;
    expect(rejected.length).toBeGreaterThan(0);
    await titan.rejections.dismiss({ companyId, ids: rejected.map(({ id }) => id) });
    const result = await world.check();
    expect(new Set(codesOf(result))).toEqual(new Set(["RECORDS_DISMISSED"]));
    expect(result.isConsistent).toBe(true);
    const named = result.differences.flatMap(({ examples }) => examples);
    expect(rejected.map(({ entityId }) => entityId)).toEqual(expect.arrayContaining(named));
  });

  it("does not treat a row that did not land as lost if its rejection was dismissed", async () => {
    const world = await syncedWorld();
    const { storage, scope } = world;
    const countEntities: Storage["countEntities"] = async (params) => {
      const counted = await storage.countEntities(params);
      return params.feed === "customers" ? { ...counted, live: Math.max(0, counted.live - 1) } : counted;
    };
    expect(codesOf(await world.check({ countEntities }))).toEqual(["API_HAS_MORE"]);
    const { environment, tenantId } = scope;
    await storage.appendAudit({
      actor: "somebody",
      action: "rejection:dismiss",
      subject: "1",
      companyId,
      outcome: "success",
      details: { environment, tenantId, feed: "customers", entityId: "77", stage: "structure" },
    });
    expect(codesOf(await world.check({ countEntities }))).toEqual([]);
  });

  it("does not conclude that the API lacks a row without a readable id: it may have landed", async () => {
    const world = await syncedWorld();
    const { storage } = world;
    const rejection = { id: "1", feed: "customers", stage: "structure", entityId: "unknown-1" } as const;
    const listRejections: Storage["listRejections"] = async (filter, page) =>
      filter.feed === "customers" && filter.stage === "structure"
        ? { items: [rejection as StoredRejection], next: null }
        : await storage.listRejections(filter, page);
    expect(codesOf(await world.check({ listRejections }))).toEqual([]);
  });

  it("names work and batches that a completed run left behind", async () => {
    const world = await syncedWorld();
    const { storage, scope, someId } = world;
    const { lease } = await world.begin("second");
    await storage.requeueKeys({ lease, scope, record: "member", feed: "customers", ids: [someId] });
    const batch = { id: "kept", record: "member", content: JSON.stringify({}) } as const;
    await storage.stageBatch({ lease, scope, batch, feed: "customers", ids: [] });
    await storage.endRun({ lease, status: "completed", warnings: [], error: null });
    expect((await world.check()).differences).toMatchObject([
      { code: "WORK_LEFT", counts: { listed: 1 } },
      { code: "BATCHES_LEFT", counts: { batches: 1 } },
    ]);
  });

  it("skips a live run, and names one whose owner died or that has been paused for long", async () => {
    const world = await syncedWorld();
    const { storage } = world;
    const { lease } = await world.begin("second");
    expect((await world.check()).differences).toMatchObject([{ code: "RUN_ALIVE", subject: "second" }]);
    const findLease = async () => ({ runId: "second", endsInMs: -1 });
    const findLost = async (id: string) => {
      const run = await storage.findCurrentRun(id);
      const worker = { id: "w", host: "sync-1", pid: 7, version: "1.0.0" };
      return run === null ? null : ({ ...run, status: "lost", worker } as const);
    };
    expect((await world.check({ findLease, findCurrentRun: findLost })).differences).toMatchObject([
      { code: "RUN_DEAD", level: "warning", message: expect.stringContaining("process 7 on sync-1") },
    ]);
    await storage.endRun({ lease, status: "paused", warnings: [], error: null });
    expect(codesOf(await world.check())).toEqual([]);
    const findCurrentRun = async (id: string) => {
      const run = await storage.findCurrentRun(id);
      return run === null ? null : { ...run, updatedAt: run.updatedAt - 8 * 24 * 3_600_000 };
    };
    expect((await world.check({ findCurrentRun })).differences).toMatchObject([{ code: "RUN_PAUSED" }]);
  });

  it("names figures that do not add up, on their own or with what has landed", async () => {
    const world = await syncedWorld();
    const { storage } = world;
    const listRuns: Storage["listRuns"] = async (filter, page) => {
      const { items, next } = await storage.listRuns(filter, page);
      const changed = items.map((run) => {
        const { invoices, ...feeds } = run.feeds;
        return invoices === undefined
          ? run
          : { ...run, feeds: { ...feeds, invoices: { ...invoices, landed: invoices.landed - 1 } } };
      });
      return { items: changed, next };
    };
    expect((await world.check({ listRuns })).differences).toMatchObject([
      { code: "LEDGER_UNBALANCED", subject: "invoices" },
      { code: "LEDGER_SHORT", subject: "invoices", counts: { landedSince: 60, landed: 59 } },
    ]);
  });

  it("calls no verb that writes", async () => {
    const world = await syncedWorld();
    const called = new Set<string>();
    const watched = new Proxy(world.storage, {
      get(target, name, receiver) {
        called.add(String(name));
        return Reflect.get(target, name, receiver);
      },
    });
    const reading = /^(find|list|count|entit|delivered|listedIds|cursors|storedBatches)/;
    const titan = createTitanSync({
      storage: watched,
      sink: { write: () => Promise.reject(new Error("written")), reader: world.sink.reader },
      keys: staticKeys(generateEncryptionKey()),
      company: async () => ({ trade: "HVAC", importId: 7, timeZone: "America/Chicago" }),
    });
    called.clear();
    await titan.verify({ api: false });
    expect([...called].filter((name) => !reading.test(name))).toEqual([]);
    expect(called.size).toBeGreaterThan(5);
  });

  it("refuses an unknown credential, and stops when its signal is aborted", async () => {
    const world = await syncedWorld();
    await expect(world.titan.verify({ credentialId: "unknown" })).rejects.toThrow("No credential");
    await expect(world.titan.verify({ days: 3 } as never)).rejects.toThrow("Invalid check");
    await expect(world.titan.verify({ signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "ABORTED",
    });
  });
});
