import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { migrate, openSqlite, sqliteJobQueue, sqliteStorage } from "@titan-sync/sqlite";
import { expect, test } from "vitest";
import { createDice, isSample, report, seed } from "./support/campaign.js";
import { fillQueue } from "./support/fill-queue.js";
import { startWorker, type WorkerProcess } from "./support/worker-process.js";
import type { QueueMessage, QueuePlan } from "./workers/queue-plan.js";

const kills = isSample ? 3 : 300;
const credentials = isSample ? 6 : 60;
const jobsOfEach = isSample ? 4 : 40;
const processes = 4;
const claimMs = 1500;

/** The file itself notes what is claimed and what leaves the queue, whatever the processes believe. */
const observation = `
  CREATE TABLE overlaps (run_id TEXT, credential_id TEXT);
  CREATE TRIGGER note_overlaps BEFORE UPDATE OF claim_id ON jobs
  WHEN NEW.claim_id IS NOT NULL AND EXISTS (
    SELECT 1 FROM jobs other
    WHERE other.credential_id = NEW.credential_id AND other.claim_ends_at > NEW.claim_ends_at - ${claimMs}
  ) BEGIN
    INSERT INTO overlaps VALUES (NEW.run_id, NEW.credential_id);
  END;
  CREATE TABLE departures (run_id TEXT);
  CREATE TRIGGER note_departures AFTER DELETE ON jobs BEGIN
    INSERT INTO departures VALUES (OLD.run_id);
  END;
`;

test("no job of the queue is lost, and none of a credential claimed twice at once, when workers are killed", async () => {
  const dice = createDice("killed workers of a queue");
  const root = await mkdtemp(path.join(tmpdir(), "titan-sync-queue-"));
  const file = path.join(root, "titan-sync.db");
  await migrate({ path: file });
  const database = openSqlite({ path: file });
  const filled = { storage: sqliteStorage({ database }), queue: sqliteJobQueue({ database }) };
  const runIds = await fillQueue(filled, { credentials, jobsOfEach });
  await database.close();
  const observed = new DatabaseSync(file);
  observed.exec(observation);

  let started = 0;
  const messages: QueueMessage[] = [];
  function start(): WorkerProcess<QueueMessage> {
    started += 1;
    const place = { kind: "SQLite", path: file } as const;
    const plan: QueuePlan = { place, worker: `worker ${started}`, claimMs, seed: dice.integer(1, 1e9) };
    return startWorker<QueueMessage>("queue", plan, (message) => messages.push(message));
  }

  let killed = 0;
  /** Works until the queue is empty, with another process after each that is killed. */
  async function keepAlive(): Promise<void> {
    for (;;) {
      const isToDie = killed < kills;
      if (isToDie) killed += 1;
      const worker = start();
      if (isToDie) {
        // In the middle of its work, not while it starts.
        while (worker.messages.length === 0) {
          const isOver = await Promise.race([worker.gone.then(() => true), delay(5, false)]);
          if (isOver) return;
        }
        await delay(dice.integer(0, 200));
        worker.kill();
      }
      if ((await worker.gone) === "exited") return;
    }
  }
  try {
    await Promise.all(Array.from({ length: processes }, keepAlive));
    expect(observed.prepare("SELECT * FROM overlaps").all()).toEqual([]);
    const left = observed.prepare("SELECT run_id FROM departures").all();
    expect(left.map((row) => String(row["run_id"])).sort()).toEqual([...runIds].sort());
    const completed = new Set(messages.filter(({ kind }) => kind === "completed").map(({ runId }) => runId));
    // One whose process died before it could tell was completed as well.
    expect(completed.size).toBeGreaterThanOrEqual(runIds.length - killed);
  } finally {
    observed.close();
    await rm(root, { recursive: true, force: true });
  }
  const claims = messages.filter(({ kind }) => kind === "claimed").length;
  report(
    `${killed} of ${started} workers killed, ${runIds.length} jobs, ${claims} claims, none lost (seed ${seed}).`,
  );
});
