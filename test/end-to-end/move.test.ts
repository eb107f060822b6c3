import { join } from "node:path";
import type { SyncJob } from "@titan-sync/core";
import { sqliteJobQueue } from "@titan-sync/sqlite";
import { expect, it, onTestFinished } from "vitest";
import { createTestDatabase } from "../postgres/database.js";
import { installReady } from "./installation.js";

it("a move to PostgreSQL copies everything: the next sync delivers nothing, and the old database refuses to sync", async () => {
  const installation = await installReady({ keyIn: "file" });
  const credential = await installation.connect("acme");
  await installation.must(["sync", "--data", "both"]);
  const invoices = await installation.must(["export", "invoices"]);
  const members = await installation.must(["export", "members"]);
  const history = JSON.parse(await installation.must(["history", "--json"]));
  const queue = sqliteJobQueue({ path: join(installation.directory, ".titan-sync", "titan-sync.db") });
  await queue.enqueue(waitingJob("acme", credential));
  await queue.close();
  const database = await createTestDatabase({ empty: true });
  onTestFinished(() => database.drop());

  const moved = await installation.run(["move", "--to", database.url]);
  expect({ ...moved, stderr: moved.exitCode === 0 ? "" : moved.stderr }).toMatchObject({
    exitCode: 0,
    stderr: "",
  });
  expect(moved.stdout).toContain("TITAN_SYNC_DATABASE_URL");
  expect(moved.stderr).toContain(
    `1 sync that waited in the job queue stayed behind. Schedules start theirs again; start others with \`titan-sync sync\`:
  credential ${credential}, run waiting 1
`,
  );

  const environment = { TITAN_SYNC_DATABASE_URL: database.url };
  const sync = await installation.must(["sync", "--data", "both", "--json"], { environment });
  const end = JSON.parse(sync.trimEnd().split("\n").at(-1) ?? "");
  expect(end).toMatchObject({
    event: "run:end",
    status: "completed",
    credentialId: credential,
    successful: 0,
  });
  expect(end.processed).toBe(0);
  expect(await installation.must(["export", "invoices"], { environment })).toBe(invoices);
  expect(await installation.must(["export", "members"], { environment })).toBe(members);
  const after = JSON.parse(await installation.must(["history", "--json"], { environment }));
  expect(after.items.slice(1)).toEqual(history.items);

  installation.simulator.mutateRandomly({ count: 20 });
  await installation.must(["sync", "--data", "both", "--fresh"], { environment });
  expect(await installation.must(["export", "invoices"], { environment })).not.toBe(invoices);

  const refused = await installation.run(["sync", "--data", "both"]);
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toContain(`was moved to ${new URL(database.url).protocol}//`);
  expect(refused.stderr).not.toContain("@");
  // Secrets were decrypted for nothing, which could not be noted anymore.
  expect(refused.stderr).not.toContain("audit");
  const readable = await installation.run(["export", "members"]);
  expect(readable).toMatchObject({ exitCode: 0, stdout: members });

  const again = await installation.run(["move", "--to", database.url]);
  expect(again).toMatchObject({ exitCode: 0 });
  expect(again.stdout).toContain("was moved to");
});

function waitingJob(companyId: string, credentialId: string): SyncJob {
  return {
    runId: "waiting 1",
    credentialId,
    companyId,
    type: "manual",
    data: "both",
    mode: "incremental",
    fresh: false,
    rederive: false,
    replay: false,
    from: null,
    to: null,
    by: null,
    allowRemovals: false,
    actor: "anna",
    priority: "manual",
  };
}
