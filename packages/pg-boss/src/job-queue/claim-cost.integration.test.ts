import type { JobQueue } from "@titan-sync/core";
import type { Pool } from "pg";
import { expect, it } from "vitest";
import { type BlockCount, countingBlocks } from "../__fixtures__/counting-blocks.js";
import { jobOf, type OpenQueue, openBoss, openQueue } from "../__fixtures__/open-queue.js";
import { queueName } from "../carrier.js";
import { pgBossJobQueue } from "../pg-boss-job-queue.js";
import { mostAtOnce } from "./ready-jobs.js";

const claimMs = 60_000;

/** A job of each of so many credentials, two of a company, as if each had been queued by itself. */
async function fill(
  { pool, url }: { readonly pool: Pool; readonly url: string },
  { count, queuedAt }: { readonly count: number; readonly queuedAt: number },
): Promise<void> {
  const client = await pool.connect();
  // Rows that refer to others are not checked one by one.
  await client.query("SET session_replication_role = replica");
  await client.query(
    `INSERT INTO titan_sync.credentials (credential_id, company_id, environment, tenant_id, client_id, client_secret,
      app_key, status)
    SELECT 'c' || n, 'company ' || n / 2, CASE WHEN n % 2 = 0 THEN 'production' ELSE 'integration' END, '1', 'x', 'x', 'x',
      'connected'
    FROM generate_series(1, $1::int) n`,
    [count],
  );
  await client.query(
    `INSERT INTO titan_sync_jobs.sync_jobs (job_id, job_number, run_id, credential_id, company_id, type, request, actor,
      priority, place, queued_at, available_at)
    SELECT gen_random_uuid(), nextval('titan_sync_jobs.sync_job_numbers'), 'run of c' || n, 'c' || n, 'company ' || n / 2,
      'scheduled', '{}', 'schedule', 1 + n % 2, nextval('titan_sync_jobs.sync_places'), $2, $2
    FROM generate_series(1, $1::int) n`,
    [count, queuedAt],
  );
  client.release(true);
  const { rows } = await pool.query<{ id: string; priority: number }>(
    "SELECT job_id::text AS id, job_number AS priority FROM titan_sync_jobs.sync_jobs",
  );
  const boss = await openBoss(url);
  for (let first = 0; first < rows.length; first += 5000) {
    const jobs = rows.slice(first, first + 5000).map((row) => ({ ...row, data: jobOf("c1") }));
    await boss.insert(queueName, jobs);
  }
}

/** The blocks that a claim looks at, and then completing the job, while so many wait. */
async function costAt(count: number): Promise<{ readonly claim: BlockCount; readonly complete: BlockCount }> {
  const open = await openQueue();
  const { pool, queue, clock } = open;
  await fill(open, { count, queuedAt: clock.now() });
  // The first ones look at what is new.
  for (let left = count; left >= 0; left -= mostAtOnce) await queue.claim({ worker: "worker 1", claimMs });
  await pool.query("VACUUM ANALYZE");
  const claim: BlockCount = { blocks: 0, statements: [] };
  const claimed = await counted(open, claim, (counting) => counting.claim({ worker: "worker 1", claimMs }));
  expect(claimed).not.toBeNull();
  const complete: BlockCount = { blocks: 0, statements: [] };
  const isDone = await counted(open, complete, (counting) => counting.complete(claimed?.claimId ?? "none"));
  expect(isDone).toBe(true);
  return { claim, complete };
}

async function counted<Result>(
  { pool, clock }: Pick<OpenQueue, "pool" | "clock">,
  count: BlockCount,
  work: (queue: JobQueue) => Promise<Result>,
): Promise<Result> {
  const counting = countingBlocks(pool, count);
  const queue = pgBossJobQueue({ pool: counting, storage: { database: counting }, clock });
  try {
    // What it does when it is first used.
    await queue.findWaiting({ runId: "none" });
    count.blocks = 0;
    count.statements.length = 0;
    return await work(queue);
  } finally {
    await queue.close();
  }
}

it("a claim read all jobs that wait: 33 a second with 5,000 of them", async () => {
  const few = await costAt(5_000);
  const many = await costAt(50_000);
  const told = JSON.stringify({ few, many }, null, 1);
  // Indexes are a level deeper, and what ended may not be vacuumed yet.
  expect(many.claim.blocks, told).toBeLessThan(3 * few.claim.blocks);
  expect(many.claim.blocks, told).toBeLessThan(300);
  expect(many.complete.blocks, told).toBeLessThan(3 * few.complete.blocks);
  expect(many.complete.blocks, told).toBeLessThan(100);
});
