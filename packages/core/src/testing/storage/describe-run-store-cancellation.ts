import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { ConflictError, LeaseLostError } from "../../errors.js";
import { cursorAt, entity } from "./samples.js";
import type { StorageFixture } from "./storage-fixture.js";
import { leaseMs, randomCompanyId } from "./tenant-under-test.js";

/** How a run is cancelled by somebody who does not own it. */
export function describeRunCancellation(fixture: StorageFixture): void {
  describe("cancelling", () => {
    it("tells the owner with its heartbeats who asked first, and lets it end the run", async () => {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      expect(await run.heartbeat()).toEqual({ cancelRequestedBy: null });
      expect(await run.requestCancel("ann")).toBe("requested");
      expect(await run.requestCancel("ben")).toBe("requested");
      expect(await run.heartbeat()).toEqual({ cancelRequestedBy: "ann" });
      expect(await run.heartbeat()).toEqual({ cancelRequestedBy: "ann" });
      expect(await fixture.storage.findRun(run.run.id)).toMatchObject({ status: "running" });
      await run.land({ entities: [entity("1")], cursor: cursorAt("in hand") });
      expect(await run.end("cancelled")).toMatchObject({ status: "cancelled" });
    });

    it("leaves a run in the history that never began, while another one of the credential lives", async () => {
      const { storage } = fixture;
      const tenant = await fixture.newTenant();
      const live = await tenant.begin();
      const { credential, scope } = tenant;
      const request = { ...live.run.request, mode: "full" } as const;
      const never = {
        runId: randomUUID(),
        credentialId: credential.id,
        scope,
        type: "manual",
        request,
      } as const;
      expect(await storage.recordCancelledRun(never)).toBe(true);
      const stored = await storage.findRun(never.runId);
      expect(stored).toMatchObject({
        id: never.runId,
        credentialId: credential.id,
        scope,
        type: "manual",
        request,
        status: "cancelled",
        error: null,
        feeds: {},
        records: {},
        warnings: [],
        worker: null,
        handedOver: 0,
      });
      expect(stored?.completedAt).toBe(stored?.startedAt);
      expect(await storage.findCurrentRun(credential.id)).toMatchObject({ id: live.run.id });
      expect(await live.heartbeat()).toEqual({ cancelRequestedBy: null });
      await live.end("completed");
      const begun = storage.beginRun({ ...never, leaseMs });
      await expect(begun).rejects.toMatchObject({ code: "CONFLICT", runId: never.runId });
      expect(await storage.findCurrentRun(credential.id)).toBeNull();
    });

    it("does not record a run as never begun whose id another one has, nor one of a credential that is gone", async () => {
      const { storage } = fixture;
      const tenant = await fixture.newTenant();
      const { run } = await tenant.begin();
      const { credential, scope } = tenant;
      const never = { credentialId: credential.id, scope, type: "manual", request: run.request } as const;
      expect(await storage.recordCancelledRun({ ...never, runId: run.id })).toBe(false);
      expect(await storage.findRun(run.id)).toMatchObject({ status: "running" });
      for (const gone of [
        { credentialId: randomUUID() },
        { scope: { ...scope, tenantId: "another" } },
        { scope: { ...scope, companyId: randomCompanyId() } },
      ]) {
        const runId = randomUUID();
        expect(await storage.recordCancelledRun({ ...never, ...gone, runId })).toBe(false);
        expect(await storage.findRun(runId)).toBeNull();
      }
    });

    it("ends a paused run, and a later equal request starts a new one that nobody cancels", async () => {
      const tenant = await fixture.newTenant();
      const paused = await tenant.begin();
      await paused.land({ entities: [entity("1")], cursor: cursorAt("kept") });
      await paused.end("paused");
      expect(await paused.requestCancel()).toBe("cancelled");
      const ended = await fixture.storage.findRun(paused.run.id);
      expect(ended).toMatchObject({ status: "cancelled", error: null });
      expect(ended?.completedAt).not.toBeNull();
      expect(await fixture.storage.findCurrentRun(tenant.credential.id)).toBeNull();

      const next = await tenant.begin();
      expect(next.resumed).toBe(false);
      expect(next.run.id).not.toBe(paused.run.id);
      expect(await next.heartbeat()).toEqual({ cancelRequestedBy: null });
      expect((await fixture.storage.findCursors(tenant.scope)).get("customers")?.token).toBe("kept");
      expect(await next.claimIds()).toEqual(["1"]);
    });

    it("ends a run whose owner's lease has expired, and the stale owner can no longer write", async () => {
      const tenant = await fixture.newTenant();
      const dead = await tenant.begin();
      await fixture.expireLease(dead.lease);
      expect(await dead.requestCancel()).toBe("cancelled");
      await expect(dead.heartbeat()).rejects.toBeInstanceOf(LeaseLostError);
      await expect(dead.land({ entities: [entity("1")] })).rejects.toBeInstanceOf(LeaseLostError);
      await expect(dead.end("completed")).rejects.toBeInstanceOf(LeaseLostError);
      expect(await fixture.storage.findRun(dead.run.id)).toMatchObject({ status: "cancelled" });
      expect((await tenant.begin()).resumed).toBe(false);
    });

    it("ends a run whose owner died before it noticed, when the next one starts", async () => {
      const tenant = await fixture.newTenant();
      const dead = await tenant.begin();
      expect(await dead.requestCancel()).toBe("requested");
      await fixture.expireLease(dead.lease);
      const next = await tenant.begin();
      expect(next.resumed).toBe(false);
      expect(await next.heartbeat()).toEqual({ cancelRequestedBy: null });
      expect(await fixture.storage.findRun(dead.run.id)).toMatchObject({ status: "cancelled", error: null });
    });

    it("does not let such a run start again under its own id", async () => {
      const { scope, credential, begin } = await fixture.newTenant();
      const dead = await begin();
      await dead.requestCancel();
      await fixture.expireLease(dead.lease);
      const { id: runId, type, request } = dead.run;
      const again = { credentialId: credential.id, scope, type, request, runId, leaseMs };
      const refusal = await fixture.storage.beginRun(again).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(ConflictError);
      expect(refusal).toMatchObject({ runId });
      expect(await fixture.storage.findRun(runId)).toMatchObject({ status: "cancelled" });
      expect(await fixture.storage.findCurrentRun(credential.id)).toBeNull();
    });

    it("ends a run that was asked to stop and pauses instead", async () => {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      await run.requestCancel();
      const ended = await run.end("paused");
      expect(ended).toMatchObject({ status: "cancelled" });
      expect(ended.completedAt).not.toBeNull();
      expect((await tenant.begin()).resumed).toBe(false);
    });

    it("is too late for a run that completes before it notices, and does not affect the next one", async () => {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      await run.requestCancel();
      const completed = await run.end("completed");
      expect(completed).toMatchObject({ status: "completed" });
      const next = await tenant.begin();
      expect(await run.requestCancel()).toBe("ended");
      expect(await fixture.storage.findRun(run.run.id)).toEqual(completed);
      expect(await next.heartbeat()).toEqual({ cancelRequestedBy: null });
    });

    it("finds no run of another company, and no unknown run", async () => {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      const asked = { runId: run.run.id, actor: "somebody" };
      expect(
        await fixture.storage.requestRunCancellation({ ...asked, companyId: randomCompanyId() }),
      ).toBeNull();
      const own = { companyId: tenant.scope.companyId, actor: "somebody" };
      expect(await fixture.storage.requestRunCancellation({ ...own, runId: randomUUID() })).toBeNull();
      expect(await run.heartbeat()).toEqual({ cancelRequestedBy: null });
      await run.end("paused");
      expect(
        await fixture.storage.requestRunCancellation({ ...asked, companyId: randomCompanyId() }),
      ).toBeNull();
      expect(await fixture.storage.findRun(run.run.id)).toMatchObject({ status: "paused" });
    });
  });
}
