import { expect, it, vi } from "vitest";
import { addCredential, jobOf, openBoss, openQueue } from "./__fixtures__/open-queue.js";
import { queueName } from "./carrier.js";

const claimMs = 60_000;
const hourMs = 60 * 60_000;

it("shows in pg-boss what waits, what is active and what was done, and lets nothing that waits expire", async () => {
  const { url, queue, storage } = await openQueue();
  const boss = await openBoss(url);
  await addCredential(storage, "acme");
  await addCredential(storage, "bravo");
  await queue.enqueue(jobOf("acme"));
  await queue.enqueue(jobOf("bravo"));
  const states = async () => (await boss.findJobs(queueName)).map(({ state }) => state).sort();

  expect(await states()).toEqual(["created", "created"]);
  const [waiting] = await boss.findJobs<{ runId: string }>(queueName);
  expect(waiting?.data).toMatchObject({ actor: "schedule", priority: "scheduled" });
  expect(new Date(waiting?.keepUntil ?? 0).getFullYear()).toBeGreaterThan(2070);
  const claimed = await queue.claim({ worker: "worker 1", claimMs });
  expect(await states()).toEqual(["active", "created"]);
  await queue.complete(claimed?.claimId ?? "none");
  expect(await states()).toEqual(["completed", "created"]);
  await queue.remove("run of bravo");
  expect(await states()).toEqual(["cancelled", "completed"]);
});

it("a job that was put back stayed active in pg-boss, which ended it a day later", async () => {
  const { url, queue, storage, clock } = await openQueue();
  const boss = await openBoss(url);
  await addCredential(storage, "acme");
  await queue.enqueue(jobOf("acme"));
  const claimed = await queue.claim({ worker: "worker 1", claimMs });
  const back = { availableAt: clock.now(), attempts: 0, slices: 1 };
  await queue.requeue({ claimId: claimed?.claimId ?? "none", ...back });
  expect((await boss.findJobs(queueName)).map(({ state }) => state)).toEqual(["created"]);
  const next = await queue.claim({ worker: "worker 1", claimMs });
  expect(next?.job.slices).toBe(1);
  expect((await boss.findJobs(queueName)).map(({ state }) => state)).toEqual(["active"]);
});

it("drops a job that somebody canceled or deleted in pg-boss while it waited, and hands out the next", async () => {
  const { url, queue, storage } = await openQueue();
  const boss = await openBoss(url);
  for (const company of ["acme", "bravo", "carol"]) {
    await addCredential(storage, company);
    await queue.enqueue(jobOf(company));
  }
  const jobs = await boss.findJobs<{ companyId: string }>(queueName);
  const idOf = (company: string) => jobs.find(({ data }) => data.companyId === company)?.id ?? "none";
  await boss.cancel(queueName, idOf("acme"));
  await boss.deleteJob(queueName, idOf("bravo"));
  const claimed = await queue.claim({ worker: "worker 1", claimMs });
  expect(claimed?.job.companyId).toBe("carol");
  expect(await queue.claim({ worker: "worker 1", claimMs })).toBeNull();
  expect((await queue.stats()).waiting.scheduled).toBe(0);
});

it("a sync that was canceled in pg-boss while it was executed went on after its worker had died", async () => {
  const { url, queue, storage, clock } = await openQueue();
  const boss = await openBoss(url);
  await addCredential(storage, "acme");
  await queue.enqueue(jobOf("acme"));
  await queue.claim({ worker: "worker 1", claimMs });
  const [job] = await boss.findJobs(queueName);
  await boss.cancel(queueName, job?.id ?? "none");
  clock.advance(claimMs);
  expect(await queue.claim({ worker: "worker 2", claimMs })).toBeNull();
});

it("continues with a job that pg-boss has ended itself, because it was active for a day", async () => {
  const { url, pool, queue, storage, clock } = await openQueue();
  const boss = await openBoss(url);
  await addCredential(storage, "acme");
  await queue.enqueue(jobOf("acme"));
  const first = await queue.claim({ worker: "worker 1", claimMs });
  await pool.query("UPDATE titan_sync_jobs.job SET started_on = started_on - interval '25 hours'");
  await boss.supervise(queueName);
  expect((await boss.findJobs(queueName)).map(({ state }) => state)).toEqual(["failed"]);

  expect(await queue.renewClaim({ claimId: first?.claimId ?? "none", claimMs })).toBe(true);
  clock.advance(claimMs);
  const second = await queue.claim({ worker: "worker 2", claimMs });
  expect(second?.job).toMatchObject({ runId: "run of acme", lostClaims: 1 });
  expect(await queue.complete(second?.claimId ?? "none")).toBe(true);
  expect((await boss.findJobs(queueName)).map(({ state }) => state)).toEqual(["completed"]);
});

it("jobs of a removed credential, and those completed an hour ago, stayed in pg-boss", async () => {
  const { url, pool, queue, storage, clock } = await openQueue();
  const boss = await openBoss(url);
  for (const company of ["acme", "bravo"]) {
    await addCredential(storage, company);
    await queue.enqueue(jobOf(company));
  }
  const claimed = await queue.claim({ worker: "worker 1", claimMs });
  expect(claimed?.job.companyId).toBe("acme");
  await queue.complete(claimed?.claimId ?? "none");
  await storage.removeCredential({ id: "bravo", withData: true });
  await storage.removeCredential({ id: "acme", withData: true });
  expect((await boss.findJobs(queueName)).map(({ state }) => state).sort()).toEqual(["completed", "created"]);

  await pool.query("UPDATE titan_sync_jobs.job SET completed_on = completed_on - interval '61 minutes'");
  clock.advance(hourMs);
  await queue.claim({ worker: "worker 1", claimMs });
  await vi.waitFor(async () => {
    expect((await boss.findJobs(queueName)).map(({ state }) => state)).toEqual(["cancelled"]);
  });
  await queue.close();
  const { rows } = await pool.query(
    "SELECT FROM titan_sync_jobs.sync_jobs UNION ALL SELECT FROM titan_sync_jobs.sync_turns",
  );
  expect(rows).toEqual([]);
});
