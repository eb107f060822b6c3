import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { StorageFixture } from "./storage-fixture.js";

/** Storing which runs fulfill accepted ids. */
export function describeAcceptedRuns(fixture: StorageFixture): void {
  describe("accepted run ids", () => {
    it("lead to the last run that was recorded for them", async () => {
      const { storage } = fixture;
      const tenant = await fixture.newTenant();
      const earlier = await tenant.begin();
      await earlier.end();
      const later = await tenant.begin();
      const acceptedId = randomUUID();
      for (const { run } of [earlier, later]) await storage.recordAcceptedRun({ acceptedId, runId: run.id });
      expect((await storage.findRun(acceptedId))?.id).toBe(later.run.id);
    });

    it("lead on from a run that another request superseded, once the run that does its work has begun", async () => {
      const { storage } = fixture;
      const tenant = await fixture.newTenant();
      const first = await tenant.begin({ mode: "full" });
      await first.end("paused");
      const other = await tenant.begin();
      await other.end();
      const find = async (id: string) => (await storage.findRun(id))?.id;
      const again = randomUUID();
      expect(await storage.findRun(first.run.id)).toMatchObject({ error: { code: "SUPERSEDED" } });
      await storage.recordAcceptedRun({ acceptedId: first.run.id, runId: again });
      expect(await find(first.run.id)).toBe(first.run.id);
      expect(await storage.findAcceptedRun(first.run.id)).toBe(again);
      const second = await tenant.begin({ mode: "full" });
      await storage.recordAcceptedRun({ acceptedId: again, runId: second.run.id });
      expect(await find(first.run.id)).toBe(second.run.id);
      await second.end("paused");
      await (await tenant.begin()).end();
      const third = await tenant.begin({ mode: "full" });
      await storage.recordAcceptedRun({ acceptedId: second.run.id, runId: third.run.id });
      for (const id of [first.run.id, again, second.run.id]) expect(await find(id)).toBe(third.run.id);
      expect(await find(other.run.id)).toBe(other.run.id);
    });

    it("never hide a run of this id, and never form a cycle", async () => {
      const { storage } = fixture;
      const tenant = await fixture.newTenant();
      const earlier = await tenant.begin();
      await earlier.end();
      const later = await tenant.begin();
      await storage.recordAcceptedRun({ acceptedId: earlier.run.id, runId: later.run.id });
      expect((await storage.findRun(earlier.run.id))?.id).toBe(earlier.run.id);
      expect(await storage.findAcceptedRun(earlier.run.id)).toBeNull();

      const [first, second, third] = [randomUUID(), randomUUID(), randomUUID()];
      await storage.recordAcceptedRun({ acceptedId: first, runId: first });
      await storage.recordAcceptedRun({ acceptedId: first, runId: second });
      await storage.recordAcceptedRun({ acceptedId: second, runId: third });
      await storage.recordAcceptedRun({ acceptedId: third, runId: first });
      for (const id of [first, second]) expect(await storage.findAcceptedRun(id)).toBe(third);
      expect(await storage.findAcceptedRun(third)).toBeNull();
    });
  });
}

/** Finding the runs that fulfill accepted ids. */
export function describeFulfillingRuns(fixture: StorageFixture): void {
  describe("accepted run ids", () => {
    it("lead to the run that fulfills them, also through others, and before it begins", async () => {
      const { storage } = fixture;
      const tenant = await fixture.newTenant();
      const { run } = await tenant.begin();
      const [first, second, waiting] = [randomUUID(), randomUUID(), randomUUID()];
      expect(await storage.findAcceptedRun(first)).toBeNull();
      await storage.recordAcceptedRun({ acceptedId: first, runId: second });
      expect(await storage.findRun(first)).toBeNull();
      expect(await storage.findAcceptedRun(first)).toBe(second);
      await storage.recordAcceptedRun({ acceptedId: second, runId: waiting });
      expect(await storage.findAcceptedRun(first)).toBe(waiting);
      for (const _again of [1, 2]) await storage.recordAcceptedRun({ acceptedId: waiting, runId: run.id });
      for (const id of [first, second, waiting, run.id]) expect((await storage.findRun(id))?.id).toBe(run.id);
      expect(await storage.findAcceptedRun(first)).toBe(run.id);
      expect(await storage.findAcceptedRun(run.id)).toBeNull();
    });
  });
}
