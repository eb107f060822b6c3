import { expect, it } from "vitest";
import { connectedProgram } from "../__fixtures__/connected-program.js";

it("does not listen where others reach it, because there is no sign-in", async () => {
  const { run } = await connectedProgram({ embedded: true });
  for (const host of ["0.0.0.0", "::", "192.168.1.10", "127.0.0.1.example.com"]) {
    const { exitCode, stdout, stderr } = await run("serve", "--host", host, "--port", "0");
    expect({ host, exitCode, stdout }).toEqual({ host, exitCode: 2, stdout: "" });
    expect(stderr).toContain("it has no sign-in yet");
  }
});

it.each([["serve"], ["worker"], ["schedule", "run", "--credential", "x"]])(
  "says what to do when PostgreSQL has no job queue yet: %s",
  async (...command) => {
    const { run, must, pool } = await connectedProgram();
    await pool.query("DROP SCHEMA titan_sync_jobs CASCADE");
    const { exitCode, stdout, stderr } = await run(...command);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain('Run "titan-sync migrate up"');
    await must("migrate", "up");
    const { items } = JSON.parse(await must("credential", "list", "--json"));
    expect(await must("schedule", "run", "--credential", items[0].id, "--json")).toContain('"queued"');
  },
);

it("reverts the tables of PostgreSQL also while syncs wait in its job queue", async () => {
  const { must, run, pool } = await connectedProgram();
  const { items } = JSON.parse(await must("credential", "list", "--json"));
  await run("schedule", "run", "--credential", items[0].id);
  await must("migrate", "down");
  const { rows } = await pool.query("SELECT to_regnamespace('titan_sync_jobs') AS jobs");
  expect(rows).toEqual([{ jobs: null }]);
});

it.each([["serve", "--port", "0"], ["worker"]])(
  "began with more syncs at once than the database has connections for: %s",
  async (...command) => {
    const { run } = await connectedProgram();
    const { exitCode, stdout, stderr } = await run(...command, "--concurrency", "1000");
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toMatch(
      /1000 syncs at once need 1004 connections to PostgreSQL, and there are at most \d+/,
    );
    expect(stderr).toMatch(/hint: Use --concurrency \d+ or less/);
  },
);
