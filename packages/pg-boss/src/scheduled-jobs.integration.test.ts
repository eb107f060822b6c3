import { type Storage, startScheduler, startsAfter } from "@titan-sync/core";
import { expect, it } from "vitest";
import { addCredential, openQueue } from "./__fixtures__/open-queue.js";

const minuteMs = 60_000;

/** Due in the next quarter of an hour. */
async function schedule(storage: Storage, credentialId: string, now: number): Promise<void> {
  const times = {
    credentialId,
    cron: null,
    every: "15m",
    timeZone: "America/Chicago",
    window: null,
    quietDays: [],
    enabled: true,
  } as const;
  const [next] = startsAfter(times, now, 1);
  await storage.saveSchedule({
    schedule: {
      ...times,
      data: "both",
      fullEvery: null,
      nextNominalAt: next?.nominalAt ?? null,
      nextRunAt: next?.runAt ?? null,
      decidedUntil: now,
    },
    expectedRevision: null,
  });
}

it("stores a start and its job together, or neither when the transaction fails", async () => {
  const { clock, storage, queue, other } = await openQueue();
  // By itself it does nothing: its clock stands still.
  const still = {
    now: clock.now,
    sleep: (_ms: number, signal?: AbortSignal) =>
      new Promise<void>((_resolve, reject) => {
        signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
      }),
  };
  const listStarts = async () => {
    const lists = ["acme", "bravo"].map((credentialId) =>
      storage.listStarts({ credentialId }, { limit: 10 }),
    );
    return (await Promise.all(lists)).flatMap(({ items }) => items);
  };
  await addCredential(storage, "acme");
  await addCredential(storage, "bravo");
  for (const credentialId of ["acme", "bravo"]) await schedule(storage, credentialId, clock.now());
  clock.advance(16 * minuteMs);

  let calls = 0;
  const failing = startScheduler({
    storage,
    clock: still,
    queue: {
      async enqueue(job, options) {
        calls += 1;
        if (calls % 2 === 0) throw new Error("The second job of each transaction fails.");
        return await queue.enqueue(job, options);
      },
    },
  });
  await expect(failing.tick()).rejects.toThrow();
  await failing.close();
  expect(calls).toBeGreaterThan(1);
  expect((await other.listWaiting({ limit: 10 })).items).toEqual([]);
  expect(await listStarts()).toEqual([]);

  const scheduler = startScheduler({ storage, queue, clock: still });
  await scheduler.tick();
  await scheduler.close();
  const starts = await listStarts();
  expect(starts).toHaveLength(2);
  const waiting = (await other.listWaiting({ limit: 10 })).items;
  expect(waiting.map(({ runId }) => runId).sort()).toEqual(starts.map(({ runId }) => runId).sort());
});
