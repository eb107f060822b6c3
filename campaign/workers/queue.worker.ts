// Claims jobs from a file that others use at the same time, until none is left: completes most of them, and puts the
// others back with another slice. Any error ends it.

import { setTimeout as delay } from "node:timers/promises";
import { sqliteJobQueue } from "@titan-sync/sqlite";
import type { QueueMessage, QueuePlan } from "./queue-plan.js";

const { path, worker, claimMs, seed } = JSON.parse(process.argv[2] ?? "") as QueuePlan;
const queue = sqliteJobQueue({ path });
let state = seed;

function random(below: number): number {
  state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
  return (state >>> 8) % below;
}

function tell(kind: QueueMessage["kind"], runId: string): void {
  process.stdout.write(`${JSON.stringify({ kind, runId } satisfies QueueMessage)}\n`);
}

for (;;) {
  const claimed = await queue.claim({ worker, claimMs });
  if (claimed === null) {
    const { waiting, claimed: elsewhere } = await queue.stats();
    if (waiting.manual + waiting.scheduled + waiting.bulk + elsewhere === 0) break;
    await delay(20);
    continue;
  }
  const { claimId, job } = claimed;
  tell("claimed", job.runId);
  for (let step = random(4); step > 0; step -= 1) {
    await delay(random(15));
    await queue.renewClaim({ claimId, claimMs });
  }
  const isPutBack = random(3) === 0;
  const availableAt = Date.now() + random(50);
  const isDone = isPutBack
    ? await queue.requeue({ claimId, availableAt, attempts: 0, slices: job.slices + 1 })
    : await queue.complete(claimId);
  if (!isDone) tell("lost", job.runId);
  else tell(isPutBack ? "put back" : "completed", job.runId);
}
await queue.close();
