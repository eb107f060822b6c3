import { describeJobQueue, manualClock } from "@titan-sync/core/testing";
import { afterAll, expect, it } from "vitest";
import { isScanOf, planSteps, recordStatements } from "../__fixtures__/query-plans.js";
import { createTestDatabase } from "../__fixtures__/test-database.js";
import { openSqlite, openTarget } from "../database/database.js";
import { sqliteStorage } from "../storage/sqlite-storage.js";
import { sqliteJobQueue } from "./sqlite-job-queue.js";

const statements = recordStatements();
afterAll(() => statements.end());

describeJobQueue({
  name: "job queue on SQLite",
  setup: async () => {
    const clock = manualClock();
    const { database, path, drop } = await createTestDatabase({ clock });
    // As another process has it.
    const other = openSqlite({ path, clock });
    return {
      storage: sqliteStorage({ database }),
      queues: [sqliteJobQueue({ database }), sqliteJobQueue({ database: other })],
      now: clock.now,
      passTime: clock.advance,
      transaction: (work) => openTarget({ database }).database.transaction((open) => work(open)),
      async close() {
        await other.close();
        await drop();
      },
    };
  },
});

it("a claim sorted all jobs that wait, or a change of one job read all of them", async () => {
  const steps = await planSteps(statements.texts);
  // Reads only: dashboards, and whether there is anything to claim at all.
  const looks =
    /: SELECT (?:1 FROM jobs job INDEXED BY jobs_next|job_number AS .* FROM jobs job WHERE \(|count\(\*\))/;
  const bad = steps
    .filter((step) => isScanOf(step, "jobs") || step.step.includes("TEMP B-TREE"))
    .map(({ line }) => line)
    .filter((line) => !looks.test(line));
  expect(bad).toEqual([]);
  expect(steps.map(({ step }) => step)).toContain("SEARCH job USING INDEX jobs_next (rank<?)");
});

const job = {
  runId: "run 1",
  credentialId: "c1",
  companyId: "acme",
  type: "scheduled",
  data: "both",
  mode: "incremental",
  fresh: false,
  rederive: false,
  replay: false,
  from: null,
  to: null,
  by: null,
  allowRemovals: false,
  actor: "schedule",
  priority: "scheduled",
} as const;

const credential = {
  id: "c1",
  companyId: "acme",
  tenantId: "1",
  environment: "production",
  clientId: "encrypted",
  clientSecret: "encrypted",
  appKey: "encrypted",
  status: "pending",
} as const;

it("a restart lost jobs that wait, or that were claimed when the process died", async () => {
  const clock = manualClock();
  const { path, database, drop } = await createTestDatabase({ clock });
  await sqliteStorage({ database }).createCredential(credential);
  const before = sqliteJobQueue({ path, clock });
  await before.enqueue(job);
  await before.enqueue({ ...job, runId: "run 2", mode: "full" });
  await before.claim({ worker: "worker 1", claimMs: 1000 });
  await before.close();

  const after = sqliteJobQueue({ path, clock });
  expect(await after.claim({ worker: "worker 2", claimMs: 1000 })).toBeNull();
  clock.advance(1000);
  const claimed = await after.claim({ worker: "worker 2", claimMs: 1000 });
  expect(claimed?.job).toMatchObject({ ...job, lostClaims: 1 });
  expect(await after.findWaiting({ credentialId: "c1" })).toMatchObject({ runId: "run 2" });
  await after.close();
  await drop();
});

it("a company's turns stayed after its last credential was removed", async () => {
  const { database, drop } = await createTestDatabase();
  const storage = sqliteStorage({ database });
  const sandbox = { ...credential, id: "c2", environment: "integration" } as const;
  await storage.createCredential(credential);
  await storage.createCredential(sandbox);
  const queue = sqliteJobQueue({ database });
  await queue.enqueue(job);
  await queue.claim({ worker: "worker 1", claimMs: 1000 });
  const count = () =>
    openTarget({ database }).database.read((read) => read.all("SELECT company_id FROM job_turns").length);
  await storage.removeCredential({ id: "c1", withData: true });
  expect(await count()).toBe(1);
  await storage.removeCredential({ id: "c2", withData: false });
  expect(await count()).toBe(0);
  await drop();
});
