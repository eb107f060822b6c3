// Claims jobs from a queue that others use at the same time, until none is left: completes most of them, and puts the
// others back with another slice. Any error ends it, except that of a database that is away for a while.

import { setTimeout as delay } from "node:timers/promises";
import { type JobQueue, StorageError } from "@titan-sync/core";
import { pgBossJobQueue } from "@titan-sync/pg-boss";
import { postgresStorage } from "@titan-sync/postgres";
import { sqliteJobQueue } from "@titan-sync/sqlite";
import { Pool } from "pg";
import type { QueueMessage, QueuePlan } from "./queue-plan.js";

const { place, worker, claimMs, seed } = JSON.parse(process.argv[2] ?? "") as QueuePlan;
const { queue, close } = open();

function open(): { readonly queue: JobQueue; close(): Promise<void> } {
  if (place.kind === "SQLite") {
    const file = sqliteJobQueue({ path: place.path });
    return { queue: file, close: () => file.close() };
  }
  const pool = new Pool({ connectionString: place.url, max: 4 });
  pool.on("error", () => undefined);
  const storage = postgresStorage({ pool });
  const onServer = pgBossJobQueue({ pool, storage, timeoutMs: 2000 });
  onServer.subscribe(() => undefined);
  return {
    queue: onServer,
    async close() {
      await onServer.close();
      await pool.end();
    },
  };
}

/** Until the database is back. What was done before the answer was lost is not done twice. */
async function insist<Result>(call: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof StorageError && error.retryable)) throw error;
      await delay(50);
    }
  }
}

let state = seed;

function random(below: number): number {
  state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
  return (state >>> 8) % below;
}

function tell(kind: QueueMessage["kind"], runId: string): void {
  process.stdout.write(`${JSON.stringify({ kind, runId } satisfies QueueMessage)}\n`);
}

for (;;) {
  const claimed = await insist(() => queue.claim({ worker, claimMs }));
  if (claimed === null) {
    const { waiting, claimed: elsewhere } = await insist(() => queue.stats());
    if (waiting.manual + waiting.scheduled + waiting.bulk + elsewhere === 0) break;
    await delay(20);
    continue;
  }
  const { claimId, job } = claimed;
  tell("claimed", job.runId);
  for (let step = random(4); step > 0; step -= 1) {
    await delay(random(15));
    await insist(() => queue.renewClaim({ claimId, claimMs }));
  }
  const isPutBack = random(3) === 0;
  const availableAt = Date.now() + random(50);
  const isDone = isPutBack
    ? await insist(() => queue.requeue({ claimId, availableAt, attempts: 0, slices: job.slices + 1 }))
    : await insist(() => queue.complete(claimId));
  if (!isDone) tell("lost", job.runId);
  else tell(isPutBack ? "put back" : "completed", job.runId);
}
await close();
