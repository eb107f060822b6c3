import { setTimeout as delay } from "node:timers/promises";
import { migratePgBoss, pgBossJobQueue } from "@titan-sync/pg-boss";
import { migrate, postgresStorage } from "@titan-sync/postgres";
import { Pool } from "pg";
import { expect, test } from "vitest";
import { createDice, isSample, report, seed } from "./support/campaign.js";
import { fillQueue } from "./support/fill-queue.js";
import { startRestartableServer } from "./support/restartable-server.js";
import { startSilentProxy } from "./support/silent-proxy.js";
import { startWorker, type WorkerProcess } from "./support/worker-process.js";
import type { QueueMessage, QueuePlan } from "./workers/queue-plan.js";

const kills = isSample ? 3 : 150;
const disturbances = isSample ? 2 : 60;
const credentials = isSample ? 6 : 60;
const jobsOfEach = isSample ? 3 : 40;
const processes = isSample ? 2 : 4;
const claimMs = 3000;

/** The database itself notes what is claimed and what leaves the queue, whatever the processes believe. */
const observation = `
  CREATE TABLE noted_overlaps (run_id text);
  CREATE TABLE noted_departures (run_id text);
  CREATE FUNCTION note_overlap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.claim_id IS NOT NULL AND EXISTS (
      SELECT FROM titan_sync_jobs.sync_jobs other WHERE other.credential_id = NEW.credential_id
        AND other.job_id <> NEW.job_id AND other.claim_ends_at > NEW.claim_ends_at - ${claimMs}
    ) THEN INSERT INTO noted_overlaps VALUES (NEW.run_id); END IF;
    RETURN NEW;
  END $$;
  CREATE FUNCTION note_departure() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO noted_departures VALUES (OLD.run_id);
    RETURN OLD;
  END $$;
  CREATE TRIGGER note_overlap BEFORE UPDATE OF claim_id ON titan_sync_jobs.sync_jobs
    FOR EACH ROW EXECUTE FUNCTION note_overlap();
  CREATE TRIGGER note_departure AFTER DELETE ON titan_sync_jobs.sync_jobs
    FOR EACH ROW EXECUTE FUNCTION note_departure();
`;

test("no job of pg-boss is lost, and none of a credential claimed twice at once, when workers are killed, the server restarts and connections go silent", async () => {
  const dice = createDice("disturbed workers of pg-boss");
  const server = await startRestartableServer();
  const port = Number(new URL(server.url).port);
  const proxy = await startSilentProxy(port);
  const pool = new Pool({ connectionString: `${server.url}/postgres`, max: 4 });
  pool.on("error", () => undefined);
  await migrate({ pool });
  await migratePgBoss({ pool });
  const storage = postgresStorage({ pool });
  const queue = pgBossJobQueue({ pool, storage });
  const runIds = await fillQueue({ storage, queue }, { credentials, jobsOfEach });
  await pool.query(observation);

  let started = 0;
  let killed = 0;
  let isOver = false;
  const messages: QueueMessage[] = [];
  function start(): WorkerProcess<QueueMessage> {
    started += 1;
    const url = started % 2 === 0 ? server.url : server.url.replace(`:${port}`, `:${proxy.port}`);
    const place = { kind: "PostgreSQL", url: `${url}/postgres` } as const;
    const plan: QueuePlan = { place, worker: `worker ${started}`, claimMs, seed: dice.integer(1, 1e9) };
    return startWorker<QueueMessage>("queue", plan, (message) => messages.push(message));
  }

  /** Works until the queue is empty, with another process after each that is killed. */
  async function keepAlive(): Promise<void> {
    for (;;) {
      const isToDie = killed < kills;
      if (isToDie) killed += 1;
      const worker = start();
      if (isToDie) {
        // In the middle of its work, not while it starts.
        while (worker.messages.length === 0) {
          const hasEnded = await Promise.race([worker.gone.then(() => true), delay(5, false)]);
          if (hasEnded) return;
        }
        await delay(dice.integer(0, 300));
        worker.kill();
      }
      if ((await worker.gone) === "exited") return;
    }
  }

  let restarts = 0;
  let silences = 0;
  async function disturb(): Promise<void> {
    for (let turn = 0; turn < disturbances && !isOver; turn += 1) {
      await delay(dice.integer(500, 2000));
      if (turn % 2 === 0) {
        await server.stop(dice.integer(0, 1) === 0 ? "fast" : "immediate");
        await server.start();
        restarts += 1;
      } else {
        proxy.swallow();
        silences += 1;
      }
    }
  }

  try {
    const disturbing = disturb();
    await Promise.all(Array.from({ length: processes }, keepAlive));
    isOver = true;
    await disturbing;
    expect((await pool.query("SELECT run_id FROM noted_overlaps")).rows).toEqual([]);
    const { rows } = await pool.query<{ run_id: string }>("SELECT run_id FROM noted_departures");
    expect(rows.map(({ run_id }) => run_id).sort()).toEqual([...runIds].sort());
    const states = await pool.query("SELECT DISTINCT state::text FROM titan_sync_jobs.job");
    expect(states.rows).toEqual([{ state: "completed" }]);
  } finally {
    await queue.close();
    await storage.close();
    await pool.end();
    await proxy.close();
    await server.close();
  }
  const claims = messages.filter(({ kind }) => kind === "claimed").length;
  report(
    `${killed} of ${started} workers killed, ${restarts} restarts, ${silences} silences, ${runIds.length} jobs, ${claims} claims, none lost (seed ${seed}).`,
  );
});
