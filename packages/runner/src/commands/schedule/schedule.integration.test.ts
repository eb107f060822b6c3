import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { connectedProgram } from "../../__fixtures__/connected-program.js";

async function connected() {
  const program = await connectedProgram({ embedded: true });
  const { items } = JSON.parse(await program.must("credential", "list", "--json"));
  return { ...program, credential: ["--credential", items[0].id], credentialId: String(items[0].id) };
}

it("sets, shows, lists and removes a schedule, as JSON for scripts", async () => {
  const { must, run, credential, credentialId } = await connected();
  const none = await run("schedule", "show", ...credential);
  expect([none.exitCode, none.stderr]).toEqual([2, expect.stringContaining("schedule set --credential")]);

  const every = JSON.parse(await must("schedule", "set", ...credential, "--every", "1m", "--json"));
  expect(every).toMatchObject({ credentialId, every: "1m", timeZone: "UTC", enabled: true, fullEvery: "7d" });
  expect(every).not.toHaveProperty("cron");
  expect(every.jitterMs).toBeLessThanOrEqual(6000);

  const flags = [
    "--time-zone",
    "America/Chicago",
    "--window",
    "22:00-05:00",
    "--quiet-days",
    "2099-12-25,2099-12-24",
  ];
  const cron = ["--cron", "30 2 * * *", ...flags, "--data", "invoices", "--full-every", "never", "--json"];
  const set = JSON.parse(await must("schedule", "set", ...credential, ...cron));
  expect(set).toMatchObject({
    credentialId,
    cron: "30 2 * * *",
    timeZone: "America/Chicago",
    window: "22:00-05:00",
    quietDays: ["2099-12-24", "2099-12-25"],
    data: "invoices",
    fullEvery: null,
    enabled: true,
    jitterMs: expect.any(Number),
    revision: 2,
  });
  expect(set.next).toHaveLength(5);
  expect(set.next[0]).toBe(set.nextRunAt);
  expect(JSON.parse(await must("schedule", "show", ...credential, "--json"))).toEqual(set);
  expect(JSON.parse(await must("schedule", "list", "--company", "acme", "--json"))).toEqual({
    items: [set],
    next: null,
  });
  expect(JSON.parse(await must("schedule", "list", "--company", "other", "--json"))).toEqual({
    items: [],
    next: null,
  });

  const off = JSON.parse(
    await must("schedule", "set", ...credential, "--cron", "@daily", "--disabled", "--json"),
  );
  expect(off).toMatchObject({ cron: "0 0 * * *", enabled: false, nextRunAt: null, next: [] });
  expect(JSON.parse(await must("schedule", "remove", ...credential, "--json"))).toEqual({
    credentialId,
    removed: true,
  });
  expect(await must("schedule", "remove", ...credential)).toContain("had no schedule");
  expect(await must("schedule", "list")).toContain("schedule set");
});

it("shows the next starts as the clocks of the zone show them, and in UTC", async () => {
  const { must, credential } = await connected();
  const text = await must(
    "schedule",
    "set",
    ...credential,
    "--cron",
    "30 2 * * *",
    "--time-zone",
    "Asia/Tokyo",
  );
  expect(text).toMatch(/^starts {6}30 2 \* \* \*$/m);
  expect(
    text.match(/^ {2}\w{3} \d{4}-\d\d-\d\d 02:30 \+ (\d+ min )?[\d.]+ s +.*\d\d:\d\d(:\d\d)? UTC$/gm),
  ).toHaveLength(5);
  expect(await must("schedule", "list")).toMatch(/acme .*30 2 \* \* \*.*Asia\/Tokyo.* 02:30 \+ /);
});

it("refuses what is no schedule with every mistake at once, and says what to write instead", async () => {
  const { run, credential } = await connected();
  const wrong = ["--cron", "0 0 31 2 *", "--time-zone", "EST", "--window", "22", "--quiet-days", "Christmas"];
  const refused = await run("schedule", "set", ...credential, ...wrong, "--full-every", "often");
  expect(refused.exitCode).toBe(2);
  for (const field of ["cron", "timeZone", "window", "quietDays.0", "fullEvery"]) {
    expect(refused.stderr).toContain(`${field}: `);
  }
  expect((await run("schedule", "set", ...credential)).exitCode).toBe(2);
  expect((await run("schedule", "set", ...credential, "--cron", "@daily", "--every", "1h")).exitCode).toBe(2);
  expect((await run("schedule", "set", "--credential", "nobody", "--every", "1h")).stderr).toContain(
    "no credential nobody",
  );
});

it("changes what is named in many schedules, after a preview", async () => {
  const { must, run, credential } = await connected();
  await must("schedule", "set", ...credential, "--cron", "30 2 * * *");
  const flags = ["schedule", "set", "--all", "--quiet-days", "2099-12-25"];
  expect(await must(...flags, "--dry-run")).toBe(
    "Of 1 credential, 1 schedule would be changed and 0 would be created.\n",
  );
  const asked = await run(...flags);
  expect([asked.exitCode, asked.stderr]).toEqual([2, expect.stringContaining("1 schedule would be changed")]);
  const changed = JSON.parse(await must(...flags, "--yes", "--json"));
  expect(changed).toMatchObject({ dryRun: false, selected: 1, changed: 1, created: 0, unchanged: 0 });
  const shown = JSON.parse(await must("schedule", "show", ...credential, "--json"));
  expect(shown).toMatchObject({ cron: "30 2 * * *", quietDays: ["2099-12-25"], revision: 2 });
  expect(await must("schedule", "set", "--company", "other", "--every", "1h")).toContain("Of 0 credentials");
  expect(await must("schedule", "set", "--company", "acme", "--every", "1h")).toContain(
    "Of 1 credential, 1 schedule changed",
  );
  expect((await run("schedule", "set", "--all", "--yes")).stderr).toContain("Nothing to change");
  expect((await run("schedule", "set", "--every", "1h")).stderr).toContain(
    "--credential, --company or --all",
  );
});

it("queues a sync for a worker, warns while none is running, and merges a second request into it", async () => {
  const { must, run, credential, credentialId } = await connected();
  const first = await run("schedule", "run", ...credential);
  expect(first.exitCode).toBe(0);
  expect(first.stderr).toContain("No worker has been running on this database yet");
  const [, runId] = /^Queued as run (\S+)\.$/m.exec(first.stdout) ?? [];
  const second = await run("schedule", "run", ...credential, "--json");
  expect(JSON.parse(second.stdout)).toEqual({
    runId,
    credentialId,
    companyId: "acme",
    status: "queued",
    isWorkerAlive: false,
  });
  expect(await must("schedule", "run", ...credential)).toContain(`waiting already, as run ${runId}`);
});

it("warns that nothing starts while no worker is running", async () => {
  const { run, credential } = await connected();
  const enabled = await run("schedule", "set", ...credential, "--every", "1h");
  expect(enabled.stderr).toContain("Until one runs, nothing starts.");
  const disabled = await run("schedule", "set", ...credential, "--every", "1h", "--disabled");
  expect(disabled).toMatchObject({ exitCode: 0, stderr: "" });
});

it("shows that no scheduled start has come yet", async () => {
  const { must, run, credential } = await connected();
  expect(await must("schedule", "starts", ...credential)).toBe("No scheduled start has come yet.\n");
  expect(JSON.parse(await must("schedule", "starts", ...credential, "--json"))).toEqual({
    items: [],
    next: null,
  });
  expect(await run("schedule", "starts", "--credential", "x")).toMatchObject({ exitCode: 2 });
});

it("failed as a whole when one schedule could not be read", async () => {
  const { must, run, credential, credentialId, directory } = await connected();
  await must("schedule", "set", ...credential, "--cron", "@daily");
  const file = new DatabaseSync(join(directory, ".titan-sync", "titan-sync.db"));
  file.exec("UPDATE schedules SET time_zone = 'America/Atlantis'");
  file.close();
  const problem = { message: expect.stringContaining("America/Atlantis"), hint: expect.any(String) };
  const list = await run("schedule", "list", "--json");
  expect(list.exitCode).toBe(3);
  expect(JSON.parse(list.stdout).items).toMatchObject([{ credentialId, next: [], jitterMs: null, problem }]);
  for (const command of [["list"], ["show", ...credential]]) {
    const { exitCode, stdout } = await run("schedule", ...command);
    expect({ exitCode, stdout }).toEqual({
      exitCode: 3,
      stdout: expect.stringContaining("America/Atlantis"),
    });
  }
  const status = await run("status", "--json");
  expect(JSON.parse(status.stdout).items).toMatchObject([{ credentialId, state: "never" }]);
  await must("schedule", "set", ...credential, "--cron", "@daily", "--time-zone", "America/Chicago");
  expect((await run("schedule", "list")).exitCode).toBe(0);
}, 60_000);
