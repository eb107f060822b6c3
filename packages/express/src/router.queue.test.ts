import {
  createQueueDispatcher,
  createSyncWorker,
  memoryJobQueue,
  memorySink,
  memoryStorage,
  type SyncWorker,
} from "@titan-sync/core";
import { openRun } from "@titan-sync/core/testing";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Answer, ask, post, useHosts } from "./__fixtures__/ask.js";
import type { Host, HostOptions } from "./__fixtures__/host.js";
import { readEvents } from "./__fixtures__/read-events.js";

// Sockets, and a whole host for each test.
vi.setConfig({ testTimeout: 60_000 });

const { open } = useHosts();

const workers: SyncWorker[] = [];
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.close();
});

/** A host whose syncs wait in a queue until the test starts a worker. */
async function openQueued(router: HostOptions["router"] = {}) {
  const storage = memoryStorage();
  const sink = memorySink();
  const queue = memoryJobQueue({ storage });
  const host = await open({
    storage,
    router,
    titan: { sink },
    dispatcher: (titan) => createQueueDispatcher({ titan, storage, queue }),
  });
  const { id: credentialId } = await host.titan.credentials.create({ companyId: "acme", ...host.tenant });
  function work(): SyncWorker {
    const worker = createSyncWorker({ titan: host.titan, storage, queue, concurrency: 1 });
    workers.push(worker);
    return worker;
  }
  const path = `/credentials/${credentialId}/sync`;
  const trigger = (key: string, body: object = {}): Promise<Answer> =>
    ask(host, path, post(body, { headers: { "Idempotency-Key": key } }));
  const runs = async () => (await storage.listRuns({ credentialId }, { limit: 99 })).items;
  return { host, storage, sink, queue, credentialId, path, work, trigger, runs };
}

function present<Value>(value: Value | null): Value {
  if (value === null) throw new Error("It is missing.");
  return value;
}

/** A sync as it is shown once it has ended. */
async function ended(host: Host, runId: string): Promise<Answer["body"]> {
  for (;;) {
    const { body } = await ask(host, `/syncs/${runId}`);
    if (body["completedAt"] !== null && body["completedAt"] !== undefined) return body;
    await new Promise(setImmediate);
  }
}

describe("a router with a queue", () => {
  it("accepts syncs while one of the credential runs, and workers execute them in turn", async () => {
    const { host, trigger, work, runs } = await openQueued();
    const first = await trigger("one");
    const second = await trigger("two", { data: "customers" });
    expect([first, second]).toMatchObject([
      { status: 202, body: { status: "queued" } },
      { status: 202, body: { status: "queued" } },
    ]);
    expect((await ask(host, `/syncs/${first.body["runId"]}`)).body).toMatchObject({ status: "queued" });
    work();
    for (const { body } of [first, second]) {
      expect(await ended(host, String(body["runId"]))).toMatchObject({ status: "completed", handedOver: 0 });
    }
    expect(await runs()).toHaveLength(2);
  });

  it("starts nothing new for a repeated key, whether its sync waits, runs or has ended", async () => {
    const { host, trigger, work, runs } = await openQueued();
    const { body } = await trigger("one");
    expect(await trigger("one")).toMatchObject({ status: 202, body });
    const simultaneous = await Promise.all([trigger("one"), trigger("one"), trigger("one")]);
    for (const answer of simultaneous) expect(answer).toMatchObject({ status: 202, body });
    work();
    await ended(host, String(body["runId"]));
    expect(await trigger("one")).toMatchObject({ status: 202, body: { runId: body["runId"] } });
    expect(await trigger("one", { data: "customers" })).toMatchObject({ status: 422 });
    expect(await runs()).toHaveLength(1);
  });

  it("answers for each accepted sync, also for one that was merged into another", async () => {
    const { host, trigger, work, runs } = await openQueued();
    const one = await trigger("one");
    const { runId } = one.body;
    const two = await trigger("two");
    expect(two).toMatchObject({ status: 202, body: { runId, status: "queued" } });
    expect(await trigger("two")).toMatchObject({ status: 202, body: { runId } });
    expect((await ask(host, `/syncs/${runId}`)).body).toMatchObject({ id: runId, status: "queued" });
    work();
    await ended(host, String(runId));
    expect(await trigger("two")).toMatchObject({ status: 202, body: { runId } });
    expect(await runs()).toHaveLength(1);
  });

  it("answers for a sync that a worker has in hand before its run begins", async () => {
    const { host, trigger, queue, path } = await openQueued();
    const { body } = await trigger("one");
    const runId = String(body["runId"]);
    await trigger("two");
    await queue.claim({ worker: "slow", claimMs: 60_000 });
    const shown = { status: 200, body: { id: runId, status: "queued" } };
    expect(await ask(host, `/syncs/${runId}`)).toMatchObject(shown);
    for (const key of ["one", "two"]) expect(await trigger(key)).toMatchObject({ status: 202, body });
    expect((await ask(host, `${path}/status`)).body).toMatchObject({
      current: { id: runId, status: "queued" },
    });
  });

  it("shows a sync as queued whose run another request superseded, until its job begins again", async () => {
    const { host, storage, queue, credentialId, trigger } = await openQueued();
    const { body } = await trigger("one", { mode: "full" });
    const runId = String(body["runId"]);
    const claimed = await queue.claim({ worker: "slow", claimMs: 60_000 });
    const { companyId, environment, tenantId } = await host.titan.credentials
      .find(credentialId)
      .then(present);
    const begin = async (id: string, mode: "full" | "incremental") =>
      await openRun(storage, {
        credentialId,
        scope: { companyId, environment, tenantId },
        request: { mode },
        runId: id,
      });
    const first = await begin(runId, "full");
    await storage.endRun({ lease: first.lease, status: "paused", warnings: [], error: null });
    const rest = { availableAt: Date.now() + 60_000, attempts: 1, slices: 1 };
    await queue.requeue({ claimId: present(claimed).claimId, ...rest });
    const other = await begin("other", "incremental");
    await storage.endRun({ lease: other.lease, status: "completed", warnings: [], error: null });
    expect(await storage.findRun(runId)).toMatchObject({ error: { code: "SUPERSEDED" } });
    expect((await ask(host, `/syncs/${runId}`)).body).toMatchObject({ id: runId, status: "queued" });
    expect(await trigger("one", { mode: "full" })).toMatchObject({ status: 202, body });
    expect(await trigger("one")).toMatchObject({ status: 422 });
    await queue.remove(runId);
    expect((await ask(host, `/syncs/${runId}`)).body).toMatchObject({ id: runId, status: "failed" });
  });

  it("has readers of a sync's events follow the earlier run that its job continues", async () => {
    const { host, storage, credentialId, trigger, work } = await openQueued({ heartbeatMs: 20 });
    const { companyId, environment, tenantId } = present(await host.titan.credentials.find(credentialId));
    const { lease } = await openRun(storage, {
      credentialId,
      scope: { companyId, environment, tenantId },
      runId: "earlier",
    });
    await storage.endRun({ lease, status: "paused", warnings: [], error: null });
    const { body } = await trigger("one");
    const path = `/syncs/${body["runId"]}/events`;
    const waiting = await host.send(path);
    work();
    // The reader connects again when the stream ends.
    for await (const { event } of readEvents(waiting)) expect(event).not.toBe("run:end");
    const seen: unknown[] = [];
    for await (const { event, data } of readEvents(await host.send(path))) seen.push([event, data["runId"]]);
    expect(seen.at(-1)).toEqual(["run:end", "earlier"]);
  });

  it("refuses an invalid sync at once, and cancels one that waits", async () => {
    const { host, path, trigger, queue } = await openQueued();
    expect(await trigger("bad", { mode: "full", from: "2026-01-01" })).toMatchObject({ status: 422 });
    const { body } = await trigger("one");
    expect(await ask(host, `${path}/current`, { method: "DELETE" })).toMatchObject({
      status: 200,
      body: { runId: body["runId"], outcome: "cancelled" },
    });
    expect(await queue.stats()).toMatchObject({ waiting: { manual: 0 }, claimed: 0 });
    const shown = { id: body["runId"], status: "cancelled" };
    expect((await ask(host, `/syncs/${body["runId"]}`)).body).toMatchObject(shown);
    expect((await ask(host, `${path}/history`)).body).toMatchObject({ items: [shown] });
    expect(await trigger("one")).toMatchObject({ status: 202, body: { runId: body["runId"] } });
    expect(await queue.stats()).toMatchObject({ waiting: { manual: 0 }, claimed: 0 });
  });

  it("shows a sync that a worker hands over, and the next one delivers the same as an undisturbed one", async () => {
    const { host, storage, sink, trigger, work, runs, queue } = await openQueued();
    const first = work();
    const landed = Promise.withResolvers<void>();
    first.subscribe(({ event }) => {
      if (event === "batch:landed") landed.resolve();
    });
    const { body } = await trigger("one");
    const runId = String(body["runId"]);
    await landed.promise;
    await first.close();
    expect((await ask(host, `/syncs/${runId}`)).body).toMatchObject({ status: "paused", handedOver: 1 });
    expect(await trigger("one")).toMatchObject({ status: 202, body: { runId, status: "queued" } });
    expect(await queue.findWaiting({ runId })).toMatchObject({ slices: 1, attempts: 0 });

    work();
    expect(await ended(host, runId)).toMatchObject({ status: "completed", handedOver: 1 });
    expect(await runs()).toHaveLength(1);
    const keys = sink.batches.flatMap(({ record, items }) => items.map(({ key }) => `${record} ${key}`));
    expect(keys).toHaveLength(new Set(keys).size);
    const [credential] = (await storage.listCredentials({}, { limit: 1 })).items;
    const whole = await host.titan.sync({ credentialId: credential?.id ?? "", rederive: true });
    expect(await whole.result).toMatchObject({ status: "completed", ledger: { successful: 0 } });
  });
});
