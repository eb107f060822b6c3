import { eachItem } from "../../async/each-page.js";
import type { QueuedJob } from "../../ports/job-queue.js";
import { NaiveQueue } from "./naive-queue.js";
import { type CredentialUnderTest, claimMs, jobOf, type QueueFixture } from "./queue-fixture.js";
import type { QueueStep } from "./queue-steps.js";

/** Takes the steps with a queue that is empty, compares each answer with {@link NaiveQueue}, and empties the queue. */
export async function playQueue(
  fixture: QueueFixture,
  credentials: readonly CredentialUnderTest[],
  steps: readonly QueueStep[],
): Promise<void> {
  const { passTime, now } = fixture.under;
  const naive = new NaiveQueue(await now());
  /** All that there have been: those that ended do nothing. */
  const claimIds: string[] = [];
  const pickClaim = (pick: number): string =>
    claimIds.at(-1 - (pick % Math.max(1, claimIds.length))) ?? "none";

  async function waiting(): Promise<readonly QueuedJob[]> {
    const { queue } = fixture;
    const jobs: QueuedJob[] = [];
    for await (const job of eachItem((page) => queue.listWaiting(page), { pageSize: 3 })) jobs.push(job);
    return jobs;
  }

  async function take(step: QueueStep): Promise<void> {
    const { queue } = fixture;
    switch (step.kind) {
      case "enqueue": {
        const credential = credentials[step.credential];
        if (credential === undefined) return;
        const { priority, unlessWaiting } = step;
        const job = jobOf(credential, { priority, from: `2026-01-0${step.request + 1}` });
        return naive.enqueue(job, unlessWaiting, await queue.enqueue(job, { unlessWaiting }));
      }
      case "claim": {
        const claimed = await fixture.claim(step.minPriority);
        if (claimed !== null) claimIds.push(claimed.claimId);
        return naive.claim(step.minPriority, claimed, claimMs);
      }
      case "complete": {
        const claimId = pickClaim(step.pick);
        return naive.complete(claimId, await queue.complete(claimId));
      }
      case "renew": {
        const claimId = pickClaim(step.pick);
        return naive.renew(claimId, claimMs, await queue.renewClaim({ claimId, claimMs }));
      }
      case "requeue": {
        const { attempts, slices, restMs } = step;
        const params = { claimId: pickClaim(step.pick), availableAt: naive.now + restMs, attempts, slices };
        return naive.requeue(params, await queue.requeue(params));
      }
      case "remove": {
        const runId = naive.waitingIds[step.pick % Math.max(1, naive.waitingIds.length)] ?? "none";
        return naive.remove(runId, await queue.remove(runId));
      }
      case "pass": {
        await passTime(step.ms);
        naive.now = await now();
        return;
      }
      case "look": {
        naive.list(await waiting());
        const stats = await queue.stats();
        return naive.stats(stats.claimed, stats.waiting);
      }
    }
  }

  try {
    for (const step of steps) {
      await take(step);
      naive.notice();
    }
  } finally {
    // Also after a failure: it is tried again with fewer steps.
    await passTime(claimMs);
    for (const { runId } of await waiting()) await fixture.queue.remove(runId);
  }
}
