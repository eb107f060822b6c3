import { describe, expect, it } from "vitest";
import { AbortedError, ValidationError } from "../errors.js";
import type { DispatchedSync } from "../ports/run-dispatcher.js";
import type { SyncEvent } from "../ports/sync-event.js";
import { createWorkerWorld, jobOf, minuteMs, type WorkerWorld } from "./__fixtures__/worker-world.js";
import { createQueueDispatcher, type QueueDispatcherOptions } from "./queue-dispatcher.js";

async function createFixture(given: Partial<QueueDispatcherOptions> = {}) {
  const world = createWorkerWorld();
  const credentialId = await world.addCompany("acme");
  const checked: unknown[] = [];
  const dispatcher = createQueueDispatcher({
    titan: {
      async checkSync(request) {
        checked.push(request);
      },
    },
    storage: world.storage,
    queue: world.queue,
    ...given,
  });
  const { priority: __, ...scheduled } = jobOf(credentialId, "acme");
  const request: DispatchedSync = { ...scheduled, type: "manual", actor: "ann" };
  return { world, credentialId, dispatcher, checked, request };
}

const settle = ({ clock }: WorkerWorld): Promise<void> => clock.advance(0);
const runsOf = async ({ storage }: WorkerWorld) => (await storage.listRuns({}, { limit: 99 })).items;

describe("dispatching into a queue", () => {
  it("queues a sync while a run of its credential lives", async () => {
    const { world, dispatcher, request, credentialId } = await createFixture();
    world.script(credentialId, { ends: "stays" });
    await world.sync({ ...request, runId: "live", from: undefined, to: undefined, by: undefined });
    expect(await dispatcher.dispatch({ ...request, runId: "a" })).toEqual({ runId: "a", status: "queued" });
    expect(await dispatcher.findQueued?.({ runId: "a" })).toMatchObject({ ...request, runId: "a" });
    expect(await dispatcher.findQueued?.({ credentialId })).toMatchObject({ runId: "a" });
  });

  it.each([
    ["manual", "incremental", true, "manual"],
    ["manual", "full", true, "manual"],
    ["manual", "incremental", false, "manual"],
    ["scheduled", "incremental", true, "scheduled"],
    ["scheduled", "full", true, "bulk"],
    ["scheduled", "incremental", false, "bulk"],
  ] as const)(
    "a %s %s sync has its priority (synced before: %s)",
    async (type, mode, hasSynced, priority) => {
      const { world, dispatcher, request, credentialId } = await createFixture();
      if (hasSynced) {
        await world.sync({ ...request, runId: "before", from: undefined, to: undefined, by: undefined });
        await settle(world);
      }
      await dispatcher.dispatch({ ...request, type, mode, runId: "a" });
      expect(await world.queue.findWaiting({ credentialId })).toMatchObject({ priority });
    },
  );

  it("refuses what titan.sync would refuse, and a credential that is unknown", async () => {
    const { world, request, dispatcher } = await createFixture();
    const strict = createQueueDispatcher({
      titan: {
        checkSync: async () => {
          throw new ValidationError("mode, from, to: a full pass reads everything");
        },
      },
      storage: world.storage,
      queue: world.queue,
    });
    await expect(strict.dispatch(request)).rejects.toBeInstanceOf(ValidationError);
    await expect(dispatcher.dispatch({ ...request, credentialId: "gone" })).rejects.toThrow("No credential");
    expect(await world.queue.stats()).toMatchObject({ waiting: { manual: 0 } });
  });

  it("passes the events of the worker beside it on, and closes it", async () => {
    const world = createWorkerWorld();
    const id = await world.addCompany("acme");
    const worker = world.work();
    const titan = { checkSync: async () => undefined };
    const dispatcher = createQueueDispatcher({ titan, storage: world.storage, queue: world.queue, worker });
    const events: SyncEvent[] = [];
    dispatcher.subscribe?.((event) => events.push(event));
    const sync = { ...jobOf(id, "acme"), runId: "a" };
    await dispatcher.dispatch(sync);
    await settle(world);
    expect(events).toMatchObject([{ event: "run:start", runId: "a" }]);
    await dispatcher.close();
    await worker.finished;
    await expect(dispatcher.dispatch({ ...sync, runId: "b" })).rejects.toBeInstanceOf(AbortedError);
  });
});

/**
 * A request is repeated under its key, so under its run id, after a process died at each point between its acceptance
 * and the end of its job.
 */
describe("repeating a request", () => {
  it("finds its job where it waits: the server died before it could answer", async () => {
    const { world, dispatcher, request } = await createFixture();
    await dispatcher.dispatch({ ...request, runId: "a" });
    expect(await dispatcher.dispatch({ ...request, runId: "a" })).toEqual({ runId: "a", status: "queued" });
    expect(await world.queue.stats()).toMatchObject({ waiting: { manual: 1 } });
  });

  it("starts nothing while a worker has claimed its job and its run has not begun", async () => {
    const { world, dispatcher, request } = await createFixture();
    await dispatcher.dispatch({ ...request, runId: "a" });
    await world.queue.claim({ worker: "dies", claimMs: 1000 });
    expect(await dispatcher.dispatch({ ...request, runId: "a" })).toEqual({ runId: "a", status: "queued" });
    await world.clock.advance(1001);
    const worker = world.work();
    await settle(world);
    expect(await runsOf(world)).toMatchObject([{ id: "a", status: "completed" }]);
    expect(await dispatcher.dispatch({ ...request, runId: "a" })).toEqual({ runId: "a", status: "running" });
    await settle(world);
    expect(await runsOf(world)).toHaveLength(1);
    await worker.close();
  });

  it("starts nothing after the worker died with the run, nor when that has ended elsewhere", async () => {
    const { world, dispatcher, request, credentialId } = await createFixture();
    world.script(credentialId, { ends: "hangs" }, {});
    await dispatcher.dispatch({ ...request, runId: "a" });
    await world.queue.claim({ worker: "dies", claimMs: 30_000 });
    await world.sync({ ...request, runId: "a", from: undefined, to: undefined, by: undefined });
    expect(await dispatcher.dispatch({ ...request, runId: "a" })).toMatchObject({ runId: "a" });
    await world.clock.advance(30_001);
    const worker = world.work();
    await settle(world);
    expect(await dispatcher.dispatch({ ...request, runId: "a" })).toMatchObject({ runId: "a" });
    await settle(world);
    expect(await runsOf(world)).toMatchObject([{ id: "a", status: "completed" }]);
    await worker.close();
  });

  it("starts nothing after the worker died between the run's end and the job's", async () => {
    const { world, dispatcher, request } = await createFixture();
    await dispatcher.dispatch({ ...request, runId: "a" });
    await world.queue.claim({ worker: "dies", claimMs: 30_000 });
    await world.sync({ ...request, runId: "a", from: undefined, to: undefined, by: undefined });
    await settle(world);
    expect(await dispatcher.dispatch({ ...request, runId: "a" })).toMatchObject({ runId: "a" });
    await world.clock.advance(30_001);
    const worker = world.work();
    await settle(world);
    expect(await runsOf(world)).toMatchObject([{ id: "a", status: "completed" }]);
    expect(await world.queue.stats()).toMatchObject({ waiting: { manual: 0 }, claimed: 0 });
    await worker.close();
  });

  it("is answered with the run that it was merged into, while that waits, runs and after its end", async () => {
    const { world, dispatcher, request, credentialId } = await createFixture();
    world.script(credentialId, { ends: "stays" });
    await dispatcher.dispatch({ ...request, runId: "a" });
    const repeat = () => dispatcher.dispatch({ ...request, runId: "b" });
    expect(await repeat()).toEqual({ runId: "a", status: "queued" });
    expect(await repeat()).toEqual({ runId: "a", status: "queued" });
    expect(await dispatcher.findQueued?.({ runId: "b" })).toMatchObject({ runId: "a" });
    const claimed = await world.queue.claim({ worker: "slow", claimMs: minuteMs });
    // Claimed, and the run has not begun.
    expect(await repeat()).toEqual({ runId: "a", status: "queued" });
    await world.queue.requeue({ claimId: claimed?.claimId ?? "", availableAt: 0, attempts: 0, slices: 0 });
    const worker = world.work();
    await settle(world);
    expect(await repeat()).toEqual({ runId: "a", status: "running" });
    await worker.close();
    expect(await repeat()).toEqual({ runId: "a", status: "queued" });
    world.script(credentialId, {});
    const next = world.work();
    await settle(world);
    expect(await repeat()).toEqual({ runId: "a", status: "running" });
    expect(await runsOf(world)).toMatchObject([{ id: "a", status: "completed" }]);
    await next.close();
  });

  it("is answered with the run that it was merged into while a worker has that in hand", async () => {
    const { world, dispatcher, request, credentialId } = await createFixture();
    for (const runId of ["a", "b"]) await dispatcher.dispatch({ ...request, runId });
    await world.queue.claim({ worker: "slow", claimMs: minuteMs });
    for (const runId of ["a", "b"]) {
      expect(await dispatcher.findQueued?.({ runId })).toMatchObject({ runId: "a", credentialId });
    }
  });

  it("merges requests for the same time that is written in different ways", async () => {
    const { world, dispatcher, request } = await createFixture();
    const ranges = [
      { from: "2026-01-01", to: "2026-02-01", by: null },
      { from: "2026-01-01T00:00:00Z", to: "2026-02-01T00:00:00.000Z", by: "modified" },
      { from: "2026-01-01T01:00:00+01:00", to: "2026-02-01T00:00:00Z", by: "modified" },
    ] as const;
    for (const [index, range] of ranges.entries()) {
      const answer = await dispatcher.dispatch({ ...request, ...range, runId: `run-${index}` });
      expect(answer).toEqual({ runId: "run-0", status: "queued" });
    }
    await dispatcher.dispatch({ ...request, ...ranges[0], by: "created", runId: "other" });
    expect(await world.queue.stats()).toMatchObject({ waiting: { manual: 2 } });
  });

  it("merges requests without a range, whatever field it would be about", async () => {
    const { dispatcher, request } = await createFixture();
    await dispatcher.dispatch({ ...request, by: "created", runId: "a" });
    expect(await dispatcher.dispatch({ ...request, by: null, runId: "b" })).toMatchObject({ runId: "a" });
  });

  it("is merged again when the server died before it knew with which run", async () => {
    const { world, dispatcher, request } = await createFixture();
    await dispatcher.dispatch({ ...request, runId: "a" });
    await world.queue.enqueue({ ...request, runId: "b", priority: "manual" });
    expect(await world.storage.findAcceptedRun("b")).toBeNull();
    expect(await dispatcher.dispatch({ ...request, runId: "b" })).toEqual({ runId: "a", status: "queued" });
    expect(await world.storage.findAcceptedRun("b")).toBe("a");
  });

  it("is answered with the earlier run that its job continued", async () => {
    const { world, dispatcher, request, credentialId } = await createFixture();
    world.script(credentialId, { ends: "paused" }, {});
    await world.sync({ ...request, runId: "earlier", from: undefined, to: undefined, by: undefined });
    await settle(world);
    await dispatcher.dispatch({ ...request, runId: "a" });
    const worker = world.work();
    await settle(world);
    expect(await dispatcher.dispatch({ ...request, runId: "a" })).toEqual({
      runId: "earlier",
      status: "running",
    });
    expect(await runsOf(world)).toMatchObject([{ id: "earlier", status: "completed" }]);
    await worker.close();
  });
});

describe("a dispatched sync whose run another request superseded", () => {
  it("waits as its job does, and is answered with the run that its job began instead", async () => {
    const without = { ends: "paused", progress: false } as const;
    const { world, dispatcher, request, credentialId } = await createFixture();
    world.script(credentialId, without, {}, { ends: "stays" });
    const full = { ...request, mode: "full", runId: "a" } as const;
    await dispatcher.dispatch(full);
    const worker = world.work();
    await settle(world);
    await dispatcher.dispatch({ ...request, runId: "other" });
    await world.clock.advance(1000);
    expect(await world.storage.findRun("a")).toMatchObject({ error: { code: "SUPERSEDED" } });
    expect(await dispatcher.dispatch(full)).toEqual({ runId: "a", status: "queued" });
    expect(await dispatcher.findQueued?.({ runId: "a" })).toMatchObject({ runId: "a" });
    await world.clock.advance(6 * minuteMs);
    expect(await dispatcher.dispatch(full)).toEqual({ runId: "a.2", status: "running" });
    expect(await world.storage.findRun("a")).toMatchObject({ id: "a.2", status: "running" });
    expect(await dispatcher.cancel({ credentialId, runId: "a", actor: "ann" })).toBe(false);
    await worker.close();
  });
});

describe("canceling what was dispatched", () => {
  it("removes a job that waits, also under the id that was merged into it", async () => {
    const { world, dispatcher, request, credentialId } = await createFixture();
    await dispatcher.dispatch({ ...request, runId: "a" });
    await dispatcher.dispatch({ ...request, runId: "b" });
    const cancel = () => dispatcher.cancel({ credentialId, runId: "b", actor: "ann" });
    expect(await cancel()).toBe(true);
    expect(await cancel()).toBe(false);
    expect(await world.queue.stats()).toMatchObject({ waiting: { manual: 0 } });
  });

  it("leaves a cancelled run in the history, so that repeating the request starts nothing", async () => {
    const { world, dispatcher, request, credentialId } = await createFixture();
    world.script(credentialId, { ends: "stays" });
    await world.sync({ ...request, runId: "live", from: undefined, to: undefined, by: undefined });
    const waiting = { ...request, mode: "full", runId: "a" } as const;
    await dispatcher.dispatch(waiting);
    await dispatcher.dispatch({ ...waiting, runId: "b" });
    expect(await dispatcher.cancel({ credentialId, runId: "b", actor: "ann" })).toBe(true);
    for (const id of ["a", "b"]) {
      expect(await world.storage.findRun(id)).toMatchObject({
        id: "a",
        status: "cancelled",
        type: "manual",
        request: { mode: "full" },
      });
    }
    await dispatcher.dispatch({ ...waiting, runId: "b" });
    expect(await world.queue.stats()).toMatchObject({ waiting: { manual: 0 } });
    expect(await world.storage.findCurrentRun(credentialId)).toMatchObject({ id: "live" });
  });

  it("keeps a worker from beginning a run that it has claimed, however far it has come", async () => {
    const { world, dispatcher, request, credentialId } = await createFixture();
    await dispatcher.dispatch({ ...request, runId: "a" });
    const claimed = await world.queue.claim({ worker: "slow", claimMs: 1000 });
    expect(claimed?.job.runId).toBe("a");
    expect(await dispatcher.cancel({ credentialId, runId: "a", actor: "ann" })).toBe(true);
    expect(await world.storage.findRun("a")).toMatchObject({ status: "cancelled" });
    const late = world.sync({ ...request, runId: "a", from: undefined, to: undefined, by: undefined });
    await expect(late).rejects.toMatchObject({ runId: "a" });
    await world.clock.advance(1001);
    const worker = world.work();
    await settle(world);
    expect(await runsOf(world)).toMatchObject([{ id: "a", status: "cancelled" }]);
    expect(await world.queue.stats()).toMatchObject({ waiting: { manual: 0 }, claimed: 0 });
    await worker.close();
  });

  it("cancels the job of a superseded run under the id that it would have begun with", async () => {
    const without = { ends: "paused", progress: false } as const;
    const { world, dispatcher, request, credentialId } = await createFixture();
    world.script(credentialId, without, {});
    await dispatcher.dispatch({ ...request, mode: "full", runId: "a" });
    const worker = world.work();
    await settle(world);
    await dispatcher.dispatch({ ...request, runId: "other" });
    await world.clock.advance(1000);
    expect(await dispatcher.cancel({ credentialId, runId: "a", actor: "ann" })).toBe(true);
    expect(await world.storage.findRun("a")).toMatchObject({ id: "a.2", status: "cancelled" });
    await worker.close();
  });

  it("removes the job of a paused run, and leaves the run to be canceled through the storage", async () => {
    const { world, dispatcher, request, credentialId } = await createFixture();
    world.script(credentialId, { ends: "paused", progress: false });
    await dispatcher.dispatch({ ...request, runId: "a" });
    const worker = world.work();
    await settle(world);
    expect(await dispatcher.cancel({ credentialId, runId: "a", actor: "ann" })).toBe(false);
    expect(await world.queue.findWaiting({ credentialId })).toBeNull();
    await worker.close();
  });

  it("does not reach a job that a worker has in hand", async () => {
    const { world, dispatcher, request, credentialId } = await createFixture();
    world.script(credentialId, { ends: "stays" });
    await dispatcher.dispatch({ ...request, runId: "a" });
    const worker = world.work();
    await settle(world);
    expect(await dispatcher.cancel({ credentialId, runId: "a", actor: "ann" })).toBe(false);
    await worker.close();
  });
});
