import { describe, expect, it } from "vitest";
import { ConfigError, CryptoError, LeaseLostError, StorageError } from "../errors.js";
import type { SyncEvent } from "../ports/sync-event.js";
import { createWorkerWorld, heldBy, jobOf, minuteMs, type WorkerWorld } from "./__fixtures__/worker-world.js";

/** Lets everything happen that needs no time. */
const settle = ({ clock }: WorkerWorld): Promise<void> => clock.advance(0);

async function waitingJob({ queue }: WorkerWorld, runId: string) {
  return await queue.findWaiting({ runId });
}

describe("a worker", () => {
  it("executes a job under its run id and takes it off the queue, as soon as it is queued", async () => {
    const world = createWorkerWorld();
    const id = await world.addCompany("acme");
    const worker = world.work();
    await settle(world);
    const runId = await world.enqueue(id, { from: "2026-01-01", mode: "incremental", data: "customers" });
    await settle(world);
    expect(world.begun).toMatchObject([
      { runId, credentialId: id, data: "customers", from: "2026-01-01", stopAfterMs: 5 * minuteMs },
    ]);
    expect(await world.storage.findRun(runId)).toMatchObject({ status: "completed", type: "scheduled" });
    expect(await world.queue.stats()).toMatchObject({ claimed: 0, waiting: { scheduled: 0 } });
    await worker.close();
  });

  it("shows what it has in hand, and since when", async () => {
    const world = createWorkerWorld();
    const runId = await world.enqueue(await world.addCompany("acme", { ends: "stays" }));
    const worker = world.work({ concurrency: 2 });
    await settle(world);
    const since = world.clock.now();
    await world.clock.advance(1000);
    expect(worker.status()).toEqual({
      name: "worker 1",
      isClosing: false,
      slots: [
        { manualOnly: true, job: null },
        {
          manualOnly: false,
          job: {
            runId,
            credentialId: "credential of acme",
            companyId: "acme",
            priority: "scheduled",
            since,
          },
        },
      ],
    });
    await worker.close();
    expect(worker.status()).toMatchObject({ isClosing: true, slots: [{ job: null }, { job: null }] });
  });

  it("keeps one slot for manual jobs from two slots on, and gives them that slot first", async () => {
    const world = createWorkerWorld();
    for (const name of ["a", "b", "c", "d"]) await world.addCompany(name, { ends: "stays" });
    const worker = world.work({ concurrency: 3 });
    await world.enqueue("credential of a", { type: "manual", priority: "manual" });
    await settle(world);
    expect(worker.status().slots[0]).toMatchObject({ manualOnly: true, job: { companyId: "a" } });
    for (const name of ["b", "c", "d"]) await world.enqueue(`credential of ${name}`);
    await settle(world);
    expect(world.order()).toEqual(["a", "b", "c"]);
    await worker.close();
  });

  it("still takes a manual job when its other slots are full", async () => {
    const world = createWorkerWorld();
    for (const name of ["a", "b", "c"]) await world.addCompany(name, { ends: "stays" });
    const worker = world.work({ concurrency: 2 });
    await world.enqueue("credential of a");
    await world.enqueue("credential of b");
    await settle(world);
    await world.enqueue("credential of c", { type: "manual", priority: "manual" });
    await settle(world);
    expect(world.order()).toEqual(["a", "c"]);
    await worker.close();
  });

  it("a scheduled sync waited for five minutes while first loads had all slots", async () => {
    const world = createWorkerWorld();
    await world.addCompany("large", { ends: "stays", progress: false });
    await world.addCompany("small");
    const worker = world.work({ concurrency: 2 });
    const runId = await world.enqueue("credential of large", { mode: "full", priority: "bulk" });
    await world.clock.advance(10_000);
    expect(world.order()).toEqual(["large"]);
    await world.enqueue("credential of small");
    await world.clock.advance(1000);
    // It goes on under its id, and nothing counts as a failed attempt.
    expect(world.order()).toEqual(["large", "small", "large"]);
    expect(await world.queue.find({ runId })).toMatchObject({ attempts: 0, slices: 1 });
    expect(await world.storage.findRun(runId)).toMatchObject({ status: "running" });
    await worker.close();
  });

  it("lets a first load get somewhere before it gives way to others", async () => {
    const world = createWorkerWorld();
    await world.addCompany("large", { ends: "stays" });
    await world.addCompany("small");
    const worker = world.work({ concurrency: 2 });
    await world.enqueue("credential of large", { mode: "full", priority: "bulk" });
    await settle(world);
    await world.enqueue("credential of small");
    await world.clock.advance(9_000);
    expect(world.order()).toEqual(["large"]);
    await world.clock.advance(6_000);
    expect(world.order()).toEqual(["large", "small", "large"]);
    await worker.close();
  });

  it("lets what has waited for a quarter of an hour have its whole slice, and gives way to no other first load", async () => {
    const world = createWorkerWorld();
    for (const name of ["large", "other"]) await world.addCompany(name, { ends: "stays" });
    await world.addCompany("small");
    await world.enqueue("credential of large", { mode: "full", priority: "bulk" });
    await world.clock.advance(15 * minuteMs);
    const worker = world.work({ concurrency: 2 });
    await settle(world);
    await world.enqueue("credential of small");
    await world.clock.advance(4 * minuteMs);
    expect(world.order()).toEqual(["large"]);
    await worker.close();

    const again = createWorkerWorld();
    for (const name of ["large", "other"]) await again.addCompany(name, { ends: "stays" });
    const next = again.work({ concurrency: 2 });
    for (const name of ["large", "other"]) {
      await again.enqueue(`credential of ${name}`, { mode: "full", priority: "bulk" });
    }
    await again.clock.advance(4 * minuteMs);
    expect(again.order()).toEqual(["large"]);
    await next.close();
  });

  it("begins nothing when it is closed while a job waits for one that gives way", async () => {
    const world = createWorkerWorld();
    await world.addCompany("large");
    await world.addCompany("small");
    const gate = Promise.withResolvers<void>();
    const worker = world.work({
      concurrency: 1,
      titan: {
        async sync(request) {
          if (request.credentialId.endsWith("large")) await gate.promise;
          return await world.sync(request);
        },
      },
    });
    await world.enqueue("credential of large", { mode: "full", priority: "bulk" });
    await world.clock.advance(10_000);
    const runId = await world.enqueue("credential of small");
    await settle(world);
    expect(await world.queue.stats()).toMatchObject({ claimed: 2 });
    const closed = worker.close();
    gate.resolve();
    await closed;
    expect(world.order()).toEqual(["large"]);
    expect(await waitingJob(world, runId)).toMatchObject({ attempts: 0, slices: 0, lostClaims: 0 });
  });

  it("asks an empty queue less and less often, up to every 5 seconds", async () => {
    const world = createWorkerWorld();
    let asked = 0;
    const worker = world.work({
      queue: {
        ...world.queue,
        claim: async (params) => {
          asked += 1;
          return await world.queue.claim(params);
        },
      },
    });
    await world.clock.advance(60 * minuteMs);
    expect(asked).toBeGreaterThan(700);
    expect(asked).toBeLessThan(740);
    await worker.close();
  });

  it("finds a job that nobody announced within 5 seconds", async () => {
    const world = createWorkerWorld();
    const worker = world.work({ queue: { ...world.queue, subscribe: () => () => undefined } });
    await world.clock.advance(10 * minuteMs);
    await world.enqueue(await world.addCompany("acme"));
    await world.clock.advance(5000);
    expect(world.order()).toEqual(["acme"]);
    await worker.close();
  });

  it("passes its runs' events on, also to listeners after one that fails", async () => {
    const world = createWorkerWorld();
    const worker = world.work();
    const events: SyncEvent[] = [];
    worker.subscribe(() => {
      throw new Error("a broken listener");
    });
    const unsubscribe = worker.subscribe((event) => events.push(event));
    const id = await world.addCompany("acme");
    const runId = await world.enqueue(id);
    await settle(world);
    expect(events).toMatchObject([{ event: "run:start", runId, companyId: "acme" }]);
    unsubscribe();
    await world.enqueue(id);
    await settle(world);
    expect(events).toHaveLength(1);
    await worker.close();
  });

  it("renews its claim for as long as a run takes", async () => {
    const world = createWorkerWorld();
    const runId = await world.enqueue(await world.addCompany("acme", { ends: "stays" }));
    const worker = world.work({ pollMs: minuteMs });
    await world.clock.advance(10 * minuteMs);
    expect(await world.queue.claim({ worker: "worker 2", claimMs: 1000 })).toBeNull();
    expect(await world.queue.stats()).toMatchObject({ claimed: 1 });
    expect(await waitingJob(world, runId)).toBeNull();
    await worker.close();
  });

  it("refuses options that make no sense", () => {
    const world = createWorkerWorld();
    expect(() => world.work({ concurrency: 0 })).toThrow(ConfigError);
    expect(() => world.work({ stopAfterMs: 10, claimMs: Number.NaN })).toThrow(/stopAfterMs.*claimMs/);
  });
});

describe("a long run", () => {
  it("gives its slot to others after each slice, and ends under its id", async () => {
    const world = createWorkerWorld();
    const long = await world.addCompany(
      "long",
      { ends: "paused" },
      { ends: "paused" },
      { ends: "completed" },
    );
    await world.addCompany("short");
    const runId = await world.enqueue(long, { mode: "full", priority: "bulk" });
    await world.enqueue("credential of short", { priority: "bulk" });
    const worker = world.work();
    await settle(world);
    expect(world.order()).toEqual(["long", "short", "long", "long"]);
    expect(await world.storage.findRun(runId)).toMatchObject({ status: "completed", handedOver: 0 });
    expect((await world.storage.listRuns({ credentialId: long }, { limit: 9 })).items).toHaveLength(1);
    await worker.close();
  });

  it.each([
    ["throttled", "API_RATE_LIMITED"],
    ["circuit-open", "CIRCUIT_OPEN"],
    [undefined, "NO_PROGRESS"],
  ] as const)(
    "rests 5, 15 and 45 minutes after slices without progress (%s), then fails",
    async (waits, code) => {
      const world = createWorkerWorld();
      const script = { ends: "paused", progress: false, ...(waits !== undefined && { waits }) } as const;
      const id = await world.addCompany("acme", script);
      const runId = await world.enqueue(id);
      const worker = world.work();
      await settle(world);
      for (const [attempts, restMinutes] of [5, 15, 45].entries()) {
        const job = await waitingJob(world, runId);
        const since = world.beganAt[attempts] ?? 0;
        expect(job).toMatchObject({
          attempts: attempts + 1,
          slices: 1,
          availableAt: since + restMinutes * minuteMs,
        });
        await world.clock.advance((job?.availableAt ?? 0) + minuteMs - world.clock.now());
        expect(world.begun).toHaveLength(attempts + 2);
      }
      expect(await waitingJob(world, runId)).toBeNull();
      expect(await world.storage.findRun(runId)).toMatchObject({ status: "failed", error: { code } });
      const { items } = await world.storage.listAudit({}, { limit: 9 });
      expect(items).toMatchObject([{ action: "sync:end", outcome: "failure", subject: runId }]);
      await worker.close();
    },
  );

  it("counts failed attempts only in a row", async () => {
    const world = createWorkerWorld();
    const without = { ends: "paused", progress: false } as const;
    const id = await world.addCompany("acme", without, without, { ends: "paused" }, without, {});
    const runId = await world.enqueue(id);
    const worker = world.work({ pollMs: minuteMs });
    await world.clock.advance(22 * minuteMs);
    expect(world.begun).toHaveLength(4);
    expect(await waitingJob(world, runId)).toMatchObject({ attempts: 1, slices: 2 });
    await world.clock.advance(6 * minuteMs);
    expect(await world.storage.findRun(runId)).toMatchObject({ status: "completed" });
    await worker.close();
  });
});

describe("a job that cannot begin", () => {
  it("rests and ends as a failed run under its id, with the true cause", async () => {
    const world = createWorkerWorld();
    const id = await world.addCompany("acme", { refusal: new CryptoError("The key k1 is unknown.") });
    const runId = await world.enqueue(id, { from: "2026-01-01" });
    const worker = world.work({ pollMs: minuteMs });
    await settle(world);
    expect(await waitingJob(world, runId)).toMatchObject({ attempts: 1, slices: 0 });
    expect(await world.storage.findRun(runId)).toBeNull();
    await world.clock.advance(70 * minuteMs);
    expect(world.begun).toHaveLength(4);
    expect(await world.storage.findRun(runId)).toMatchObject({
      status: "failed",
      type: "scheduled",
      request: { range: { from: "2026-01-01T00:00:00.000Z", to: null, by: "modified" } },
      error: { code: "CRYPTO", message: "The key k1 is unknown." },
    });
    expect(await world.queue.stats()).toMatchObject({ waiting: { scheduled: 0 }, claimed: 0 });
    await worker.close();
  });

  it("is dropped with a line in the log when its credential is gone", async () => {
    const world = createWorkerWorld();
    const other = createWorkerWorld();
    await other.addCompany("acme");
    const runId = await other.enqueue("credential of acme");
    // The queue has not heard of the removal.
    const worker = world.work({ queue: other.queue, clock: other.clock });
    await settle(other);
    expect(await other.queue.findWaiting({ runId })).toBeNull();
    expect(world.logger.lines).toContainEqual(
      expect.objectContaining({ level: "warn", fields: { runId, credentialId: "credential of acme" } }),
    );
    await worker.close();
  });

  it("waits a few seconds, without counting an attempt, while another process runs the credential", async () => {
    const world = createWorkerWorld();
    const refusal = heldBy("theirs", 29_000);
    const id = await world.addCompany("acme", { refusal }, { refusal: heldBy("theirs", 1000) }, {});
    const runId = await world.enqueue(id);
    const worker = world.work();
    await settle(world);
    expect(await waitingJob(world, runId)).toMatchObject({
      attempts: 0,
      slices: 0,
      availableAt: world.clock.now() + 5000,
    });
    await world.clock.advance(20_000);
    expect(world.begun).toHaveLength(3);
    expect(await world.storage.findRun(runId)).toMatchObject({ status: "completed" });
    await worker.close();
  });

  it("is tried again within seconds when the database does not answer for a moment", async () => {
    const world = createWorkerWorld();
    const refusal = new StorageError("The connection was lost.", { retryable: true });
    const id = await world.addCompany("acme", { refusal }, { breaks: refusal, progress: false }, {});
    const runId = await world.enqueue(id);
    const worker = world.work();
    await settle(world);
    expect(await waitingJob(world, runId)).toMatchObject({ attempts: 1 });
    await world.clock.advance(10_000);
    expect(await waitingJob(world, runId)).toMatchObject({ attempts: 2, slices: 1 });
    await world.clock.advance(40_000);
    expect(await world.storage.findRun(runId)).toMatchObject({ status: "completed" });
    await worker.close();
  });

  it("was tried every few seconds forever while the database failed each time", async () => {
    const world = createWorkerWorld();
    const id = await world.addCompany("acme", { refusal: new StorageError("cut", { retryable: true }) });
    const runId = await world.enqueue(id);
    const worker = world.work({ pollMs: minuteMs });
    await world.clock.advance(75 * minuteMs);
    const rests = world.logger.lines.flatMap(({ fields }) => fields["restMs"] ?? []);
    expect(rests).toEqual([5_000, 30_000, 5 * minuteMs, 15 * minuteMs, 45 * minuteMs]);
    expect(await waitingJob(world, runId)).toBeNull();
    expect(await world.storage.findRun(runId)).toMatchObject({
      status: "failed",
      error: { code: "STORAGE" },
    });
    await worker.close();
  });

  it("was looked at every few seconds forever while its run could not be read", async () => {
    const world = createWorkerWorld();
    const runId = await world.enqueue(await world.addCompany("acme"));
    let isBroken = true;
    const worker = world.work({
      storage: {
        ...world.storage,
        async findRun(id) {
          if (isBroken) throw new StorageError("The table is damaged.");
          return await world.storage.findRun(id);
        },
      },
    });
    await world.clock.advance(minuteMs);
    expect(await waitingJob(world, runId)).toMatchObject({ attempts: 3 });
    isBroken = false;
    await world.clock.advance(6 * minuteMs);
    expect(await world.storage.findRun(runId)).toMatchObject({ status: "completed" });
    await worker.close();
  });

  it("failed for good because the database did not answer for a moment in its middle", async () => {
    const world = createWorkerWorld();
    const error = { code: "STORAGE", message: "The connection was lost.", hint: null };
    const id = await world.addCompany("acme", { ends: "paused", progress: false, error }, {});
    const runId = await world.enqueue(id);
    const worker = world.work();
    await settle(world);
    expect(world.begun).toMatchObject([{ pauseOnFailure: true }]);
    expect(await waitingJob(world, runId)).toMatchObject({ attempts: 1, slices: 1 });
    await world.clock.advance(10_000);
    expect(await world.storage.findRun(runId)).toMatchObject({ status: "completed" });
    await worker.close();
  });

  it.each([false, true])(
    "failed for good when the API failed once in its middle (progress: %s)",
    async (progress) => {
      const world = createWorkerWorld();
      const error = { code: "API_UNAVAILABLE", message: "ServiceTitan answered 500.", hint: null };
      const id = await world.addCompany("acme", { ends: "paused", progress, error }, {});
      const runId = await world.enqueue(id);
      const worker = world.work();
      await settle(world);
      expect(await waitingJob(world, runId)).toMatchObject({
        attempts: 1,
        slices: 1,
        availableAt: world.clock.now() + 5 * minuteMs,
      });
      await world.clock.advance(5 * minuteMs + 10_000);
      expect(await world.storage.findRun(runId)).toMatchObject({ status: "completed" });
      await worker.close();
    },
  );

  it("rests 5, 15 and 45 minutes while the API fails in its middle, then ends with that cause", async () => {
    const world = createWorkerWorld();
    const error = { code: "API_UNAVAILABLE", message: "ServiceTitan answered 500.", hint: null };
    // A related feed moves in each slice.
    const id = await world.addCompany("acme", { ends: "paused", progress: true, error });
    const runId = await world.enqueue(id);
    const worker = world.work({ pollMs: minuteMs });
    await world.clock.advance(70 * minuteMs);
    expect(world.begun).toHaveLength(4);
    expect(await waitingJob(world, runId)).toBeNull();
    expect(await world.storage.findRun(runId)).toMatchObject({ status: "failed", error });
    await worker.close();
  });

  it("keeps no manual job of its credential waiting while it rests", async () => {
    const world = createWorkerWorld();
    const error = { code: "API_UNAVAILABLE", message: "ServiceTitan answered 500.", hint: null };
    const id = await world.addCompany("acme", { ends: "paused", progress: false, error }, {});
    await world.enqueue(id);
    const worker = world.work();
    await settle(world);
    const manual = await world.enqueue(id, { type: "manual", priority: "manual", data: "customers" });
    await settle(world);
    expect(await world.storage.findRun(manual)).toMatchObject({ status: "completed" });
    await worker.close();
  });

  it("did its work again because the worker died between the run's end and the job's", async () => {
    const world = createWorkerWorld();
    const id = await world.addCompany("acme");
    const runId = await world.enqueue(id);
    await world.sync({ ...jobOf(id, "acme"), runId, from: undefined, to: undefined, by: undefined });
    await settle(world);
    expect(await world.storage.findRun(runId)).toMatchObject({ status: "completed" });
    const worker = world.work();
    await settle(world);
    expect(world.begun).toHaveLength(1);
    expect(await world.queue.stats()).toMatchObject({ waiting: { scheduled: 0 }, claimed: 0 });
    await worker.close();
  });
});

describe("a run that another one took over", () => {
  it("has its job begin again under another id when a different request superseded it", async () => {
    const world = createWorkerWorld();
    const without = { ends: "paused", progress: false } as const;
    const id = await world.addCompany("acme", without, {}, {});
    const runId = await world.enqueue(id, { mode: "full", priority: "bulk" });
    const worker = world.work();
    await settle(world);
    await world.enqueue(id, { type: "manual", priority: "manual" });
    await world.clock.advance(1000);
    expect(await world.storage.findRun(runId)).toMatchObject({
      status: "failed",
      error: { code: "SUPERSEDED" },
    });
    await world.clock.advance(6 * minuteMs);
    const { items } = await world.storage.listRuns({ credentialId: id }, { limit: 9 });
    expect(items.map(({ status, request }) => [status, request.mode])).toEqual([
      ["completed", "full"],
      ["completed", "incremental"],
      ["failed", "full"],
    ]);
    expect(await world.queue.stats()).toMatchObject({ waiting: { bulk: 0 }, claimed: 0 });
    await worker.close();
  });

  it("is found under the id of the job, however often other requests superseded it", async () => {
    const world = createWorkerWorld();
    const without = { ends: "paused", progress: false } as const;
    const id = await world.addCompany("acme", without, {}, without, {}, {});
    const runId = await world.enqueue(id, { mode: "full", priority: "bulk" });
    const worker = world.work();
    await settle(world);
    for (const restMinutes of [6, 16]) {
      await world.enqueue(id, { type: "manual", priority: "manual" });
      await world.clock.advance(restMinutes * minuteMs);
    }
    const { items } = await world.storage.listRuns({ credentialId: id }, { limit: 9 });
    expect(items.map(({ status, request }) => [status, request.mode])).toEqual([
      ["completed", "full"],
      ["completed", "incremental"],
      ["failed", "full"],
      ["completed", "incremental"],
      ["failed", "full"],
    ]);
    const full = items.filter(({ request }) => request.mode === "full");
    for (const run of full) {
      expect(await world.storage.findRun(run.id)).toMatchObject({ id: full[0]?.id, status: "completed" });
    }
    expect(full.map((run) => run.id)).toContain(runId);
    await worker.close();
  });

  it("is cancelled with a job that was cancelled while its worker began to continue the run", async () => {
    const world = createWorkerWorld();
    const id = await world.addCompany("acme", { ends: "paused" }, { ends: "stays" });
    await world.sync({
      ...jobOf(id, "acme"),
      runId: "earlier",
      from: undefined,
      to: undefined,
      by: undefined,
    });
    await settle(world);
    const runId = await world.enqueue(id);
    const credential = await world.storage.findCredential(id);
    const earlier = await world.storage.findRun("earlier");
    if (credential === null || earlier === null) throw new Error("They are missing.");
    const { companyId, environment, tenantId } = credential;
    const storage = {
      ...world.storage,
      async recordAcceptedRun(params: { readonly acceptedId: string; readonly runId: string }) {
        const scope = { companyId, environment, tenantId };
        const { request, type } = earlier;
        await world.storage.recordCancelledRun({ runId, credentialId: id, scope, type, request });
        await world.storage.recordAcceptedRun(params);
      },
    };
    const worker = world.work({ storage });
    await settle(world);
    expect(await world.storage.findRun("earlier")).toMatchObject({ status: "cancelled" });
    expect(await world.storage.findRun(runId)).toMatchObject({ id: runId, status: "cancelled" });
    expect(await world.queue.stats()).toMatchObject({ waiting: { scheduled: 0 }, claimed: 0 });
    await worker.close();
  });

  it("is remembered when the job continued an earlier run", async () => {
    const world = createWorkerWorld();
    const id = await world.addCompany("acme", { ends: "paused" }, {});
    const request = { ...jobOf(id, "acme"), from: undefined, to: undefined, by: undefined };
    await world.sync({ ...request, runId: "earlier" });
    await settle(world);
    const runId = await world.enqueue(id);
    const worker = world.work();
    await settle(world);
    expect(await world.storage.findRun("earlier")).toMatchObject({ status: "completed" });
    expect(await world.storage.findAcceptedRun(runId)).toBe("earlier");
    await worker.close();
  });

  it("was worked on while nobody could know which job it fulfills", async () => {
    const world = createWorkerWorld();
    const id = await world.addCompany("acme", { ends: "paused" }, { ends: "stays" }, {});
    const request = { ...jobOf(id, "acme"), from: undefined, to: undefined, by: undefined };
    await world.sync({ ...request, runId: "earlier" });
    const runId = await world.enqueue(id);
    let failures = 1;
    const worker = world.work({
      storage: {
        ...world.storage,
        async recordAcceptedRun(params) {
          failures -= 1;
          if (failures >= 0) throw new StorageError("cut", { retryable: true });
          await world.storage.recordAcceptedRun(params);
        },
      },
    });
    await settle(world);
    expect(await world.storage.findRun("earlier")).toMatchObject({ status: "completed", handedOver: 1 });
    expect(await world.storage.findAcceptedRun(runId)).toBe("earlier");
    await worker.close();
  });
});

describe("a job whose worker died", () => {
  it("is continued under its id as soon as the lease has expired", async () => {
    const world = createWorkerWorld();
    const id = await world.addCompany("acme", { breaks: new LeaseLostError("dead") }, {});
    const runId = await world.enqueue(id);
    // Claim and run of a process that is dead; its lease was renewed last.
    await world.queue.claim({ worker: "dead", claimMs: 30_000 });
    await world.clock.advance(5000);
    await world.sync({ ...jobOf(id, "acme"), runId, from: undefined, to: undefined, by: undefined });
    const worker = world.work();
    await world.clock.advance(29_000);
    expect(await world.storage.findRun(runId)).toMatchObject({ status: "running" });
    await world.clock.advance(1100);
    expect(await world.storage.findRun(runId)).toMatchObject({ status: "completed" });
    await worker.close();
  });

  it("ends failed when one worker after the other dies with it", async () => {
    const world = createWorkerWorld();
    const id = await world.addCompany("acme");
    const runId = await world.enqueue(id);
    for (let deaths = 0; deaths < 10; deaths += 1) {
      expect(await world.queue.claim({ worker: "dead", claimMs: 1000 })).not.toBeNull();
      await world.clock.advance(1001);
    }
    const worker = world.work();
    await settle(world);
    expect(world.begun).toEqual([]);
    expect(await world.storage.findRun(runId)).toMatchObject({
      status: "failed",
      error: { code: "WORKER_LOST", message: expect.stringContaining("10 workers in a row") },
    });
    await worker.close();
  });
});

describe("a queue that fails", () => {
  it("is asked again, less and less often, and never ends the worker", async () => {
    const world = createWorkerWorld();
    let isDown = true;
    let asked = 0;
    const worker = world.work({
      queue: {
        ...world.queue,
        async claim(params) {
          asked += 1;
          if (isDown) throw new StorageError("The database does not answer.", { retryable: true });
          return await world.queue.claim(params);
        },
      },
    });
    await world.clock.advance(10 * minuteMs);
    expect(asked).toBeLessThan(70);
    await world.enqueue(await world.addCompany("acme"));
    isDown = false;
    await world.clock.advance(10_000);
    expect(world.order()).toEqual(["acme"]);
    await worker.close();
    await worker.finished;
  });

  it("gets a job's end when it is back", async () => {
    const world = createWorkerWorld();
    let failures = 3;
    const worker = world.work({
      queue: {
        ...world.queue,
        async complete(claimId) {
          failures -= 1;
          if (failures >= 0) throw new StorageError("cut", { retryable: true });
          return await world.queue.complete(claimId);
        },
      },
    });
    await world.enqueue(await world.addCompany("acme"));
    await world.clock.advance(5000);
    expect(await world.queue.stats()).toMatchObject({ claimed: 0, waiting: { scheduled: 0 } });
    await worker.close();
  });

  it("leaves the job to the end of its claim when it stays away", async () => {
    const world = createWorkerWorld();
    let isDown = true;
    const worker = world.work({
      queue: {
        ...world.queue,
        async complete(claimId) {
          if (isDown) throw new StorageError("cut", { retryable: true });
          return await world.queue.complete(claimId);
        },
      },
    });
    await world.enqueue(await world.addCompany("acme"));
    await world.clock.advance(40_000);
    expect(worker.status().slots[0]).toMatchObject({ job: null });
    isDown = false;
    await world.clock.advance(minuteMs);
    expect(world.begun).toHaveLength(1);
    expect(await world.queue.stats()).toMatchObject({ claimed: 0, waiting: { scheduled: 0 } });
    await worker.close();
  });
});

describe("closing a worker", () => {
  it("hands all runs over at once, and puts their jobs back for others", async () => {
    const world = createWorkerWorld();
    for (const name of ["a", "b"]) {
      await world.addCompany(name, { ends: "stays", progress: false }, {});
      await world.enqueue(`credential of ${name}`);
    }
    const worker = world.work({ concurrency: 3 });
    await settle(world);
    expect(world.begun).toHaveLength(2);
    await worker.close();
    await worker.close();
    await worker.finished;
    for (const runId of ["run-1", "run-2"]) {
      expect(await world.storage.findRun(runId)).toMatchObject({ status: "paused", handedOver: 1 });
      const job = await waitingJob(world, runId);
      expect(job).toMatchObject({ attempts: 0, slices: 1, availableAt: world.clock.now() });
    }
    await world.enqueue(await world.addCompany("c"));
    await world.clock.advance(minuteMs);
    expect(world.begun).toHaveLength(2);

    const next = world.work({ concurrency: 3 });
    await settle(world);
    expect(await world.storage.findRun("run-1")).toMatchObject({ status: "completed", handedOver: 1 });
    expect((await world.storage.listRuns({}, { limit: 9 })).items).toHaveLength(3);
    await next.close();
  });

  it("does not wait longer than it may for a run that does not stop", async () => {
    const world = createWorkerWorld();
    await world.enqueue(await world.addCompany("acme", { ends: "hangs" }));
    const worker = world.work();
    await settle(world);
    let isClosed = false;
    const closed = worker.close({ deadlineMs: 3000 }).then(() => {
      isClosed = true;
    });
    await world.clock.advance(2999);
    expect(isClosed).toBe(false);
    await world.clock.advance(1);
    await closed;
    expect(await world.storage.findRun("run-1")).toMatchObject({ status: "running" });
  });

  it("hands a run over that begins while it closes", async () => {
    const world = createWorkerWorld();
    const gate = Promise.withResolvers<void>();
    await world.enqueue(await world.addCompany("acme", { ends: "stays" }));
    const worker = world.work({
      titan: {
        async sync(request) {
          await gate.promise;
          return await world.sync(request);
        },
      },
    });
    await settle(world);
    const closed = worker.close();
    gate.resolve();
    await closed;
    expect(await world.storage.findRun("run-1")).toMatchObject({ status: "paused", handedOver: 1 });
    expect(await waitingJob(world, "run-1")).toMatchObject({ slices: 1, attempts: 0 });
  });

  it("puts a job back that it was claiming", async () => {
    const world = createWorkerWorld();
    const gate = Promise.withResolvers<void>();
    const runId = await world.enqueue(await world.addCompany("acme"));
    const worker = world.work({
      queue: {
        ...world.queue,
        async claim(params) {
          await gate.promise;
          return await world.queue.claim(params);
        },
      },
    });
    await settle(world);
    const closed = worker.close();
    gate.resolve();
    await closed;
    expect(world.begun).toEqual([]);
    expect(await waitingJob(world, runId)).toMatchObject({ attempts: 0, slices: 0 });
  });

  it("happens by its signal, also by one that was aborted before", async () => {
    const world = createWorkerWorld();
    const stop = new AbortController();
    const worker = world.work({ signal: stop.signal });
    stop.abort();
    await worker.finished;
    const late = world.work({ signal: stop.signal });
    await late.finished;
    await world.enqueue(await world.addCompany("acme"));
    await world.clock.advance(minuteMs);
    expect(world.begun).toEqual([]);
  });
});

it("a worker whose loop died said nothing of it", async () => {
  const world = createWorkerWorld();
  const errors: unknown[] = [];
  const defect = new Error("a clock that does not sleep");
  const worker = world.work({
    clock: { now: world.clock.now, sleep: () => Promise.reject(defect) },
    onError: (error) => errors.push(error),
  });
  await expect(worker.finished).rejects.toBe(defect);
  expect(errors).toEqual([defect]);
  expect(worker.status().isClosing).toBe(true);
  await worker.close();
});

describe("a database that the program does not work with", () => {
  const tooNew = new ConfigError(
    "The database is at version 3, but this program only supports versions up to 1.",
  );
  const refuse = () => Promise.reject(tooNew);

  it("was worked on at the start of a worker", async () => {
    const world = createWorkerWorld();
    const runId = await world.enqueue(await world.addCompany("acme"));
    const worker = world.work({ storage: { ...world.storage, checkSchema: refuse } });
    await expect(worker.finished).rejects.toBe(tooNew);
    await world.clock.advance(minuteMs);
    expect(world.begun).toEqual([]);
    expect(await waitingJob(world, runId)).toMatchObject({ attempts: 0 });
    expect(world.logger.lines).toContainEqual(
      expect.objectContaining({
        level: "error",
        fields: expect.objectContaining({ reason: tooNew.message }),
      }),
    );
  });

  it("was worked on after it had been migrated: now runs are handed over to newer workers", async () => {
    const world = createWorkerWorld();
    const runId = await world.enqueue(await world.addCompany("acme", { ends: "stays", progress: false }, {}));
    let isMigrated = false;
    const errors: unknown[] = [];
    const worker = world.work({
      storage: { ...world.storage, checkSchema: async () => void (isMigrated && (await refuse())) },
      onError: (error) => errors.push(error),
    });
    await settle(world);
    expect(world.order()).toEqual(["acme"]);
    isMigrated = true;
    const ended = expect(worker.finished).rejects.toBe(tooNew);
    await world.clock.advance(15_000);
    await ended;
    expect(errors).toEqual([tooNew]);
    expect(await world.storage.findRun(runId)).toMatchObject({ status: "paused", handedOver: 1 });
    expect(await waitingJob(world, runId)).toMatchObject({ attempts: 0, availableAt: expect.any(Number) });

    const next = world.work({ name: "worker 2" });
    await settle(world);
    expect(await world.storage.findRun(runId)).toMatchObject({ status: "completed", handedOver: 1 });
    await next.close();
  });

  it("ends a worker whose queue is of another version", async () => {
    const world = createWorkerWorld();
    const worker = world.work({ queue: { ...world.queue, claim: refuse } });
    await expect(worker.finished).rejects.toBe(tooNew);
  });

  it("counted as a failed attempt of the job, which rested for it", async () => {
    const world = createWorkerWorld();
    const runId = await world.enqueue(await world.addCompany("acme", { refusal: tooNew }));
    let isMigrated = false;
    const worker = world.work({
      storage: { ...world.storage, checkSchema: async () => void (isMigrated && (await refuse())) },
      titan: {
        sync(request) {
          isMigrated = true;
          return world.sync(request);
        },
      },
    });
    await settle(world);
    const job = await waitingJob(world, runId);
    expect(job).toMatchObject({ attempts: 0, availableAt: world.clock.now() + 5000 });
    await worker.close();
  });

  it("is not assumed while the database does not answer", async () => {
    const world = createWorkerWorld();
    await world.enqueue(await world.addCompany("acme"));
    let failures = 2;
    const worker = world.work({
      storage: {
        ...world.storage,
        async checkSchema() {
          failures -= 1;
          if (failures >= 0) throw new StorageError("cut", { retryable: true });
        },
      },
    });
    await world.clock.advance(5000);
    expect(world.order()).toEqual(["acme"]);
    await worker.close();
  });
});
