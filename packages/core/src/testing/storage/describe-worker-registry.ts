import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { LiveWorker, WorkerBeat } from "../../ports/worker-registry.js";
import type { StorageFixture } from "./storage-fixture.js";

export function describeWorkerRegistry(fixture: StorageFixture): void {
  describe("the registry of workers", () => {
    const beatOf = (given: Partial<WorkerBeat> = {}): WorkerBeat => ({
      id: randomUUID(),
      host: "one.example",
      pid: 42,
      version: "1.2.3",
      name: "one.example:42",
      slots: 4,
      busy: 1,
      isClosing: false,
      ...given,
    });
    const find = async (id: string): Promise<LiveWorker | null> =>
      (await fixture.storage.listWorkers()).find((worker) => worker.id === id) ?? null;

    it("shows what a worker last said of itself, since when it has been running, and how long it has been silent", async () => {
      const beat = beatOf();
      await fixture.storage.beatWorker(beat);
      const first = await find(beat.id);
      expect(first).toEqual({
        ...beat,
        startedAt: first?.beatAt,
        beatAt: first?.beatAt,
        silentMs: first?.silentMs,
      });
      await fixture.passTime(5);
      expect((await find(beat.id))?.silentMs).toBeGreaterThanOrEqual(5);
      const later = { ...beat, busy: 3, isClosing: true };
      await fixture.storage.beatWorker(later);
      const second = await find(beat.id);
      expect(second).toMatchObject({ ...later, startedAt: first?.startedAt });
      expect(second?.beatAt).toBeGreaterThan(first?.beatAt ?? 0);
    });

    it("forgets a worker that has stopped, and no other", async () => {
      const name = randomUUID();
      const [one, other] = [beatOf({ name }), beatOf({ name })];
      for (const beat of [one, other]) await fixture.storage.beatWorker(beat);
      await fixture.storage.forgetWorker(one.id);
      await fixture.storage.forgetWorker("unknown");
      const left = (await fixture.storage.listWorkers()).filter((worker) => worker.name === name);
      expect(left.map(({ id }) => id)).toEqual([other.id]);
    });
  });
}
