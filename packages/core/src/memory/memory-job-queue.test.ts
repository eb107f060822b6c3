import { expect, it } from "vitest";
import { describeJobQueue } from "../testing/describe-job-queue.js";
import { jobOf } from "../testing/job-queue/queue-fixture.js";
import { manualClock } from "../testing/manual-clock.js";
import { memoryJobQueue } from "./memory-job-queue.js";
import { memoryStorage } from "./memory-storage.js";
import { MemoryTransaction } from "./memory-transaction.js";

describeJobQueue({
  name: "job queue in memory",
  setup: () => {
    const clock = manualClock();
    const storage = memoryStorage({ clock });
    return {
      storage,
      queues: [memoryJobQueue({ storage, clock })],
      now: clock.now,
      passTime: clock.advance,
      async transaction(work) {
        const transaction = new MemoryTransaction();
        try {
          await work(transaction);
          transaction.commit();
        } finally {
          transaction.rollback();
        }
      },
    };
  },
});

const credential = { companyId: "acme", credentialId: "c1" };

it("does without a storage", async () => {
  const queue = memoryJobQueue({ clock: manualClock() });
  const job = jobOf(credential);
  await queue.enqueue(job);
  expect(await queue.findWaiting(credential)).toMatchObject(job);
});

it("lets no job rest because the clock was put back", async () => {
  const clock = manualClock();
  const queue = memoryJobQueue({ clock });
  await queue.enqueue(jobOf(credential));
  clock.advance(-60 * 60_000);
  expect(await queue.claim({ worker: "worker 1", claimMs: 1000 })).not.toBeNull();
});

it("refuses a storage that is not in memory", () => {
  const storage = { ...memoryStorage(), database: {} };
  expect(() => memoryJobQueue({ storage })).toThrow("storage must be what `memoryStorage` returned.");
});
