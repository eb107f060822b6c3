import { type JobQueue, StorageError } from "@titan-sync/core";
import { postgresStorage } from "@titan-sync/postgres";
import { openDatabase, type PgPoolLike } from "@titan-sync/postgres/support";
import { Pool } from "pg";
import { expect, it, onTestFinished, vi } from "vitest";
import { addCredential, jobOf, openQueue } from "./__fixtures__/open-queue.js";
import { pgBossJobQueue } from "./pg-boss-job-queue.js";

const claimMs = 60_000;

/** A queue of another process, with its own pool. */
function queueOn(url: string, connections: number): { readonly queue: JobQueue; readonly pool: Pool } {
  const pool = new Pool({ connectionString: url, max: connections });
  pool.on("error", () => undefined);
  const queue = pgBossJobQueue({ pool, storage: postgresStorage({ pool }) });
  onTestFinished(async () => {
    await queue.close();
    await pool.end();
  });
  return { queue, pool };
}

it("hears of jobs that another process enqueues, also after the connection was cut", async () => {
  const { url, pool, queue, storage } = await openQueue();
  await addCredential(storage, "acme");
  const { queue: listening } = queueOn(url, 3);
  const heard = vi.fn();
  listening.subscribe(heard);
  const listeners =
    "SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN %' AND datname = current_database()";
  await vi.waitFor(async () => expect((await pool.query(listeners)).rowCount).toBe(1));
  await queue.enqueue(jobOf("acme"));
  await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(1));

  await pool.query(`SELECT pg_terminate_backend(pid) FROM (${listeners}) listener`);
  // What was told meanwhile was missed.
  await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(2), { timeout: 20_000 });
  await queue.enqueue(jobOf("acme", { runId: "second", mode: "full" }));
  await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(3));
});

it("keeps no connection of a small pool, nor of one that is being ended", async () => {
  const { url, storage } = await openQueue();
  await addCredential(storage, "acme");
  const small = queueOn(url, 1);
  small.queue.subscribe(() => undefined);
  await small.queue.enqueue(jobOf("acme"));
  const claimed = await small.queue.claim({ worker: "worker 1", claimMs });
  expect(await small.queue.complete(claimed?.claimId ?? "none")).toBe(true);

  const large = new Pool({ connectionString: url, max: 5 });
  const queue = pgBossJobQueue({ pool: large, storage: postgresStorage({ pool: large }) });
  queue.subscribe(() => undefined);
  await vi.waitFor(() => expect(large.totalCount).toBe(1));
  await large.end();
  await queue.close();
});

it("a machine that disappeared while it claimed kept all others from claiming until its connection timed out", async () => {
  const { pool, queue, storage } = await openQueue();
  await addCredential(storage, "acme");
  await queue.enqueue(jobOf("acme"));
  const abandoned: (() => void)[] = [];
  onTestFinished(() => {
    for (const end of abandoned) end();
  });
  const silent = silentAfter(pool, "pg_advisory_xact_lock", abandoned);
  const gone = pgBossJobQueue({ pool: silent, storage: { database: silent }, timeoutMs: 500 });
  onTestFinished(() => gone.close());
  await expect(gone.claim({ worker: "gone", claimMs })).rejects.toThrow(StorageError);
  expect(await queue.claim({ worker: "worker 1", claimMs })).not.toBeNull();
});

it("a process that froze while it changed a job kept others waiting for the job for two minutes", async () => {
  const { pool, storage } = await openQueue();
  await addCredential(storage, "acme");
  const limits: unknown[] = [];
  const watched = watchedAtCommit(pool, limits);
  const queue = pgBossJobQueue({ pool: watched, storage: { database: watched } });
  onTestFinished(() => queue.close());
  await queue.enqueue(jobOf("acme"));
  const claimed = await queue.claim({ worker: "worker 1", claimMs });
  const { claimId } = present(claimed);
  await queue.requeue({ claimId, availableAt: 0, attempts: 0, slices: 0 });
  const again = await queue.claim({ worker: "worker 1", claimMs });
  await queue.complete(present(again).claimId);
  await queue.enqueue(jobOf("acme"));
  await queue.remove(jobOf("acme").runId);
  expect(limits).toEqual(Array.from({ length: 7 }, () => "10s"));
});

/** Notes for each transaction how long the server lets it idle. */
function watchedAtCommit(pool: Pool, limits: unknown[]): PgPoolLike {
  return {
    async connect() {
      const client = await pool.connect();
      return {
        async query(text, values) {
          if (text === "COMMIT") {
            const { rows } = await client.query("SHOW idle_in_transaction_session_timeout");
            limits.push(rows[0]?.idle_in_transaction_session_timeout);
          }
          return await client.query(text, values as unknown[]);
        },
        release: (error) => client.release(error),
        on: (event, listener) => client.on(event, listener),
        removeListener: (event, listener) => client.removeListener(event, listener),
      };
    },
  };
}

function present<Value>(value: Value | null): Value {
  if (value === null) throw new Error("There is none.");
  return value;
}

/** Connections that nothing passes on any longer once a statement holds the word; the server hears no end. */
function silentAfter(pool: Pool, word: string, abandoned: (() => void)[]): PgPoolLike {
  return {
    async connect() {
      const client = await pool.connect();
      let isSilent = false;
      return {
        async query(text, values) {
          if (isSilent) return await new Promise(() => undefined);
          isSilent = text.includes(word);
          return await client.query(text, values as unknown[]);
        },
        release: () => (isSilent ? abandoned.push(() => client.release(true)) : client.release()),
        on: (event, listener) => client.on(event, listener),
      };
    },
  };
}

it("leaves nothing behind of a transaction that is rolled back after it was merged", async () => {
  const { pool, queue, other, storage } = await openQueue();
  await addCredential(storage, "acme");
  await queue.enqueue(jobOf("acme", { priority: "bulk" }));
  const database = openDatabase({ pool });
  onTestFinished(() => database.close());
  const undone = database.transaction(async (transaction) => {
    const manual = jobOf("acme", { runId: "manual", priority: "manual" });
    expect((await queue.enqueue(manual, { transaction })).outcome).toBe("merged");
    // It is left out as long as that is open, and others do not wait for it.
    expect(await other.claim({ worker: "worker 1", claimMs })).toBeNull();
    throw new Error("The work failed.");
  });
  await expect(undone).rejects.toThrow("The work failed.");
  expect(await other.claim({ worker: "worker 1", claimMs, minPriority: "scheduled" })).toBeNull();
  expect((await other.claim({ worker: "worker 1", claimMs }))?.job.priority).toBe("bulk");
});

it("takes the time from the database server unless it is given a clock", async () => {
  const { url, pool, storage } = await openQueue();
  await addCredential(storage, "acme");
  const { queue } = queueOn(url, 2);
  const serverTime = async () =>
    (await pool.query<{ ms: number }>("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms"))
      .rows[0]?.ms ?? 0;
  const before = await serverTime();
  await queue.enqueue(jobOf("acme"));
  const waiting = await queue.findWaiting({ runId: "run of acme" });
  expect(waiting?.queuedAt).toBeGreaterThanOrEqual(Math.floor(before));
  expect(waiting?.queuedAt).toBeLessThanOrEqual(Math.ceil(await serverTime()));
  expect((await queue.claim({ worker: "worker 1", claimMs }))?.job.runId).toBe("run of acme");
});
