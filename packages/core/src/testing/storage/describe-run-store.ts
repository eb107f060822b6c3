import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { ConflictError } from "../../errors.js";
import { defaultRequest, entity } from "./samples.js";
import type { StorageFixture } from "./storage-fixture.js";
import { leaseMs } from "./tenant-under-test.js";

/** Who owns a run, and how runs begin and end. */
export function describeRunStore(fixture: StorageFixture): void {
  describe("runs and leases", () => {
    it("starts a run under the given id", async () => {
      const { scope, credential } = await fixture.newTenant();
      const runId = randomUUID();
      const begun = await fixture.storage.beginRun({
        credentialId: credential.id,
        scope,
        type: "scheduled",
        request: defaultRequest,
        runId,
        leaseMs,
      });
      expect(begun.resumed).toBe(false);
      expect(begun.lease).toMatchObject({ credentialId: credential.id, runId });
      expect(begun.run).toMatchObject({
        id: runId,
        credentialId: credential.id,
        scope,
        type: "scheduled",
        request: defaultRequest,
        status: "running",
        completedAt: null,
        handedOver: 0,
        feeds: {},
        lastFeed: null,
        records: {},
        warnings: [],
        error: null,
      });
      const stored = await fixture.storage.findRun(runId);
      expect(stored).toEqual({ ...begun.run, updatedAt: stored?.updatedAt });
      expect(stored?.updatedAt).toBeGreaterThanOrEqual(begun.run.updatedAt);
      expect(await fixture.storage.findCurrentRun(credential.id)).toEqual(stored);
    });

    it("says of which feed it landed rows last", async () => {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      for (const feed of ["customers", "jobs", "customers"] as const) {
        await run.land({ feed, entities: [entity(feed === "jobs" ? "7" : "1")] });
        const current = await fixture.storage.findCurrentRun(tenant.credential.id);
        expect(current?.lastFeed).toBe(feed);
        // Times have milliseconds.
        await fixture.passTime(2);
      }
    });

    it("refuses a second owner while the lease lasts, and says for how long", async () => {
      const tenant = await fixture.newTenant();
      const owner = await tenant.begin();
      const refusal = await tenant.begin().catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(ConflictError);
      if (!(refusal instanceof ConflictError)) return;
      expect(refusal.runId).toBe(owner.run.id);
      expect(refusal.leaseEndsInMs).toBeGreaterThan(0);
      expect(refusal.leaseEndsInMs).toBeLessThanOrEqual(leaseMs);
    });

    it("lets exactly one of many simultaneous starts own the run", async () => {
      const tenant = await fixture.newTenant();
      const attempts = await Promise.allSettled(Array.from({ length: 8 }, () => tenant.begin()));
      const refusals = attempts.flatMap((attempt) => (attempt.status === "rejected" ? [attempt.reason] : []));
      expect(refusals).toHaveLength(7);
      for (const refusal of refusals) expect(refusal).toMatchObject({ code: "CONFLICT" });
    });

    it("lets exactly one of many take a dead run over", async () => {
      const tenant = await fixture.newTenant();
      const dead = await tenant.begin();
      await fixture.expireLease(dead.lease);
      const attempts = await Promise.allSettled(Array.from({ length: 8 }, () => tenant.begin()));
      const taken = attempts.flatMap((attempt) => (attempt.status === "fulfilled" ? [attempt.value] : []));
      expect(taken.map(({ run, resumed }) => [run.id, resumed])).toEqual([[dead.run.id, true]]);
    });

    it("continues a dead run for an equal request with its id, start and figures, and a higher fence", async () => {
      const tenant = await fixture.newTenant();
      const range = { from: "2026-01-01T00:00:00Z", to: null, by: "created" } as const;
      const dead = await tenant.begin({ data: "customers", range });
      await dead.land({ entities: [entity("1")] });
      await fixture.expireLease(dead.lease);

      const heir = await tenant.begin({
        range: { by: "created", to: null, from: range.from },
        data: "customers",
      });
      expect(heir.resumed).toBe(true);
      expect(heir.lease.fence).toBeGreaterThan(dead.lease.fence);
      expect(heir.run).toMatchObject({ id: dead.run.id, startedAt: dead.run.startedAt, status: "running" });
      expect(heir.run.feeds["customers"]).toMatchObject({ pages: 1, read: 1, landed: 1 });
    });

    it("continues a paused run for an equal request without waiting for its lease", async () => {
      const tenant = await fixture.newTenant();
      const first = await tenant.begin();
      const paused = await first.end("paused");
      expect(paused).toMatchObject({ status: "paused", completedAt: null });
      expect(await fixture.storage.findCurrentRun(tenant.credential.id)).toEqual(paused);

      const second = await tenant.begin();
      expect(second.resumed).toBe(true);
      expect(second.run).toMatchObject({ id: first.run.id, status: "running", completedAt: null });
      expect(second.lease.fence).toBeGreaterThan(first.lease.fence);
    });

    it("counts how often a run was handed over, but not other pauses or a run that was being canceled", async () => {
      const tenant = await fixture.newTenant();
      const { storage } = fixture;
      const pause = async (handedOver: boolean | undefined, cancelledBy: string | null = null) => {
        const run = await tenant.begin();
        if (cancelledBy !== null) await run.requestCancel(cancelledBy);
        return await storage.endRun({
          lease: run.lease,
          status: "paused",
          warnings: [],
          error: null,
          handedOver,
        });
      };
      expect(await pause(undefined)).toMatchObject({ status: "paused", handedOver: 0 });
      expect(await pause(true)).toMatchObject({ status: "paused", handedOver: 1 });
      expect(await pause(false)).toMatchObject({ status: "paused", handedOver: 1 });
      const last = await pause(true);
      expect(last).toMatchObject({ status: "paused", handedOver: 2 });
      expect(await storage.findRun(last.id)).toEqual(last);
      expect(await pause(true, "ann")).toMatchObject({ id: last.id, status: "cancelled", handedOver: 2 });
    });

    it.each([
      ["data", { data: "invoices" }],
      ["mode", { mode: "full" }],
      ["fresh", { fresh: true }],
      ["rederive", { rederive: true }],
      ["replay", { replay: true }],
      ["range", { range: { from: "2026-01-02T00:00:00Z", to: null, by: "modified" } }],
      ["allowed removals", { allowRemovals: true }],
    ] as const)(
      "ends a dead run that was asked for with another %s, and starts a new one",
      async (_, other) => {
        const tenant = await fixture.newTenant();
        const dead = await tenant.begin();
        await fixture.expireLease(dead.lease);

        const next = await tenant.begin(other);
        expect(next.resumed).toBe(false);
        expect(next.run.id).not.toBe(dead.run.id);
        expect(next.lease.fence).toBeGreaterThan(dead.lease.fence);
        const ended = await fixture.storage.findRun(dead.run.id);
        expect(ended).toMatchObject({ status: "failed", error: { code: "SUPERSEDED" } });
        expect(ended?.completedAt).not.toBeNull();
        expect((await fixture.storage.findCurrentRun(tenant.credential.id))?.id).toBe(next.run.id);
      },
    );

    it("clears the error of a run once it continues", async () => {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      await run.end("paused", { code: "ABORTED", message: "out of time", hint: null });
      const next = await tenant.begin();
      expect(next.run).toMatchObject({ id: run.run.id, status: "running", error: null });
    });

    it("refuses to start a run under an id that is taken", async () => {
      const other = await (await fixture.newTenant()).begin();
      const { scope, credential } = await fixture.newTenant();
      const starting = fixture.storage.beginRun({
        credentialId: credential.id,
        scope,
        type: "manual",
        request: defaultRequest,
        runId: other.run.id,
        leaseMs,
      });
      await expect(starting).rejects.toBeInstanceOf(ConflictError);
      expect(await fixture.storage.findCurrentRun(credential.id)).toBeNull();
    });

    it("ends a paused run with other parameters, and starts a new one", async () => {
      const tenant = await fixture.newTenant();
      const paused = await tenant.begin();
      await paused.end("paused");
      const next = await tenant.begin({ mode: "full" });
      expect(next.resumed).toBe(false);
      expect(await fixture.storage.findRun(paused.run.id)).toMatchObject({
        status: "failed",
        error: { code: "SUPERSEDED" },
      });
    });

    it("starts a new run after one that ended, with a higher fence", async () => {
      const tenant = await fixture.newTenant();
      const first = await tenant.begin();
      await first.end("failed", { code: "NETWORK", message: "cut", hint: null });
      const second = await tenant.begin();
      expect(second.resumed).toBe(false);
      expect(second.run.id).not.toBe(first.run.id);
      expect(second.lease.fence).toBeGreaterThan(first.lease.fence);
    });

    it("stores how a run ended, and when the credential last synced", async () => {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      const warnings = [{ code: "FEED_DEGRADED", message: "zones were not granted", count: null }];
      const error = { code: "SINK", message: "the pipeline refused", hint: "look there" };
      const ended = await fixture.storage.endRun({ lease: run.lease, status: "failed", warnings, error });
      expect(ended).toMatchObject({ id: run.run.id, status: "failed", warnings, error });
      expect(ended.completedAt).toBeGreaterThanOrEqual(ended.startedAt);
      expect(await fixture.storage.findRun(run.run.id)).toEqual(ended);
      expect(await fixture.storage.findCurrentRun(tenant.credential.id)).toBeNull();
      const credential = await fixture.storage.findCredential(tenant.credential.id);
      expect(credential?.lastSyncAt).toBeGreaterThanOrEqual(ended.startedAt);
    });

    it("keeps a lease alive by heartbeats", async () => {
      const tenant = await fixture.newTenant();
      const { credential, scope } = tenant;
      const begun = await fixture.storage.beginRun({
        credentialId: credential.id,
        scope,
        type: "manual",
        request: defaultRequest,
        runId: randomUUID(),
        leaseMs: 30_000,
      });
      await fixture.storage.renewLease({ lease: begun.lease, leaseMs: 90_000 });
      const refusal = await tenant.begin().catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(ConflictError);
      if (refusal instanceof ConflictError) expect(refusal.leaseEndsInMs).toBeGreaterThan(30_000);
    });

    it("stores how far a run has come, across a pause and another owner, and replaces it", async () => {
      const tenant = await fixture.newTenant();
      const { scope } = tenant;
      const run = await tenant.begin();
      const keep = (of: typeof run, work: string, place: string) =>
        fixture.storage.saveRunPlace({ lease: of.lease, scope, work, place });
      const placesOf = async () =>
        Object.fromEntries(await fixture.storage.findRunPlaces({ scope, runId: run.run.id }));
      expect(await placesOf()).toEqual({});
      await keep(run, "one", '{"after":"7"}');
      await keep(run, "two", "[1, 2]");
      await run.end("paused");
      const next = await tenant.begin();
      await keep(next, "one", '{"after":"9"}');
      expect(await placesOf()).toEqual({ one: '{"after":"9"}', two: "[1, 2]" });
      await fixture.expireLease(next.lease);
      await tenant.begin();
      expect(await placesOf()).toEqual({ one: '{"after":"9"}', two: "[1, 2]" });
    });

    it.each(["completed", "failed", "cancelled"] as const)(
      "forgets how far a run had come when it ends %s",
      async (status) => {
        const tenant = await fixture.newTenant();
        const { scope } = tenant;
        const run = await tenant.begin();
        await fixture.storage.saveRunPlace({ lease: run.lease, scope, work: "one", place: "1" });
        await run.end(status);
        expect(await fixture.storage.findRunPlaces({ scope, runId: run.run.id })).toEqual(new Map());
      },
    );

    it("shows no other run how far a run has come", async () => {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      await fixture.storage.saveRunPlace({ lease: run.lease, scope: tenant.scope, work: "one", place: "1" });
      const { scope } = await fixture.newTenant();
      expect(await fixture.storage.findRunPlaces({ scope, runId: run.run.id })).toEqual(new Map());
    });
  });
}
