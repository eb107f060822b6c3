import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { LeaseLostError } from "../../errors.js";
import { defaultRequest } from "./samples.js";
import type { StorageFixture } from "./storage-fixture.js";
import { leaseMs } from "./tenant-under-test.js";

/** Tests who owns a run, and what becomes of one whose owner is gone. */
export function describeLostRuns(fixture: StorageFixture): void {
  describe("a lost run", () => {
    it("keeps who owns a run, and who owned it last", async () => {
      const { storage } = fixture;
      const { scope, credential } = await fixture.newTenant();
      const worker = { id: "w-1", host: "sync-1", pid: 4711, version: "1.2.3" };
      const params = {
        credentialId: credential.id,
        scope,
        type: "manual",
        request: defaultRequest,
        runId: randomUUID(),
        leaseMs,
      } as const;
      const first = await storage.beginRun({ ...params, worker });
      expect(first.run.worker).toEqual(worker);
      expect((await storage.findRun(first.run.id))?.worker).toEqual(worker);
      await storage.endRun({ lease: first.lease, status: "paused", warnings: [], error: null });
      const heir = { ...worker, id: "w-2", pid: 4712 };
      const second = await storage.beginRun({ ...params, worker: heir });
      expect(second).toMatchObject({ resumed: true, run: { worker: heir } });
      const ended = { lease: second.lease, status: "completed", warnings: [], error: null } as const;
      expect((await storage.endRun(ended)).worker).toEqual(heir);
      const { run } = await storage.beginRun({ ...params, runId: randomUUID() });
      expect(run.worker).toBeNull();
    });

    it("lists lost runs, the longest lost first, and none that is owned, paused or ended", async () => {
      const [first, second, paused, alive, ended] = await Promise.all(
        Array.from({ length: 5 }, async () => await (await fixture.newTenant()).begin()),
      );
      if (first === undefined || second === undefined || alive === undefined) throw new Error("no run");
      await paused?.end("paused");
      await ended?.end("completed");
      await fixture.expireLease(first.lease);
      await fixture.passTime(5);
      await fixture.expireLease(second.lease);
      const lost = (await fixture.storage.listLostRuns({ limit: 10_000 })).map(({ id }) => id);
      const own = [first, second, paused, alive, ended].map((run) => run?.run.id);
      expect(lost.filter((id) => own.includes(id))).toEqual([first.run.id, second.run.id]);
      expect(await fixture.storage.listLostRuns({ limit: 1 })).toHaveLength(1);
    });

    it("ends a lost run with its cause", async () => {
      const { storage } = fixture;
      const tenant = await fixture.newTenant();
      const { run, lease } = await tenant.begin();
      const error = { code: "WORKER_LOST", message: "process 7 on sync-1", hint: null };
      expect(await storage.endLostRun({ runId: run.id, error })).toBeNull();
      await fixture.expireLease(lease);
      await storage.endLostRun({ runId: "unknown", error });
      const ended = await storage.endLostRun({ runId: run.id, error });
      expect(ended).toMatchObject({ id: run.id, status: "failed", error });
      expect(ended?.completedAt).not.toBeNull();
      expect(await storage.findRun(run.id)).toEqual(ended);
      expect(await storage.findCurrentRun(tenant.credential.id)).toBeNull();
      expect(await storage.endLostRun({ runId: run.id, error })).toBeNull();
      await expect(storage.renewLease({ lease, leaseMs })).rejects.toBeInstanceOf(LeaseLostError);
      expect((await tenant.begin()).resumed).toBe(false);
    });

    it("ends a lost run canceled if that was what its owner was asked for, and leaves one alone that continues", async () => {
      const { storage } = fixture;
      const error = { code: "WORKER_LOST", message: "gone", hint: null };
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      await run.requestCancel();
      await fixture.expireLease(run.lease);
      expect(await storage.endLostRun({ runId: run.run.id, error })).toMatchObject({
        status: "cancelled",
        error: null,
      });
      const other = await fixture.newTenant();
      const dead = await other.begin();
      await fixture.expireLease(dead.lease);
      await other.begin();
      expect(await storage.endLostRun({ runId: dead.run.id, error })).toBeNull();
      expect((await storage.findRun(dead.run.id))?.status).toBe("running");
    });
  });
}
