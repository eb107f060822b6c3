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
