import { describe, expect, it } from "vitest";
import { install, installReady } from "./installation.js";

describe("titan-sync", () => {
  it.each([
    ["no command", []],
    ["an unknown command", ["frobnicate"]],
    ["an unknown flag", ["sync", "--data", "both", "--frobnicate"]],
    ["a missing flag", ["sync"]],
    ["a value that is no choice", ["sync", "--data", "everything"]],
    ["a duration that is none", ["sync", "--data", "both", "--stop-after", "soon"]],
    ["a date that is none", ["sync", "--data", "both", "--from", "2026-02-30"]],
    ["selectors that exclude each other", ["sync", "--data", "both", "--all", "--credential", "x"]],
    ["a range of a full sync", ["sync", "--data", "both", "--mode", "full", "--from", "2026-01-01"]],
    [
      "an unknown time zone",
      [
        "credential",
        "add",
        "--company",
        "a",
        "--tenant",
        "1",
        "--environment",
        "production",
        "--client-id",
        "cid.x",
        "--time-zone",
        "Mars/Base",
      ],
    ],
  ])("exits with 2 for %s, and reports it only on standard error", async (_, args) => {
    const { run } = await install();
    const { exitCode, stdout, stderr } = await run(args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).not.toBe("");
    expect(stderr).not.toContain("unexpected");
  });

  it("prints help and version on standard output, exit code 0", async () => {
    const { run } = await install();
    const help = await run(["--help"]);
    expect(help).toMatchObject({ exitCode: 0, stderr: "" });
    for (const command of [
      "demo",
      "init",
      "migrate",
      "credential",
      "sync",
      "export",
      "status",
      "history",
      "rejections",
    ]) {
      expect(help.stdout).toContain(`\n  ${command} `);
    }
    expect(await run(["--version"])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+/),
    });
  });

  it("lists every problem of the configuration at once", async () => {
    const { run } = await install();
    const { exitCode, stderr } = await run(["status"], {
      environment: {
        TITAN_SYNC_PORT: "x",
        TITAN_SYNC_RATE_LIMIT: "-1",
        TITAN_SYNC_API_URL: "http://example.com",
      },
    });
    expect(exitCode).toBe(2);
    for (const name of ["TITAN_SYNC_PORT", "TITAN_SYNC_RATE_LIMIT", "TITAN_SYNC_API_URL"]) {
      expect(stderr).toContain(`- ${name}: expected`);
    }
  });

  it("uses the only credential; if there are several, it lists the choices", async () => {
    const installation = await installReady({ simulator: { tenants: [{ customers: 3 }, { customers: 3 }] } });
    const none = await installation.run(["sync", "--data", "both"]);
    expect(none).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("credential add") });

    const first = await installation.connect("alpha", 0);
    await installation.must(["sync", "--data", "customers"]);
    const second = await installation.connect("beta", 1);
    const several = await installation.run(["sync", "--data", "both"]);
    expect(several.exitCode).toBe(2);
    expect(several.stderr).toContain(first);
    expect(several.stderr).toContain(second);
    await installation.must(["sync", "--data", "customers", "--company", "beta"]);
    await installation.must(["sync", "--data", "customers", "--credential", second]);
    expect(await installation.run(["sync", "--data", "both", "--credential", "nobody"])).toMatchObject({
      exitCode: 2,
    });
  });

  it("refuses to work before init, and init may be repeated", async () => {
    const installation = await install();
    const early = await installation.run(["sync", "--data", "both"]);
    expect(early).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("titan-sync init") });
    const first = await installation.must(["init"]);
    expect(first).toContain("created");
    const second = await installation.must(["init"]);
    expect(second).not.toContain("created");
    expect(second).toContain("up to date");
  });

  it("reverts migrations and applies them again", async () => {
    const installation = await installReady({ database: "postgres" });
    expect(await installation.must(["migrate", "status"])).not.toContain("pending");
    await installation.must(["migrate", "down"]);
    expect(await installation.must(["migrate", "status"])).toContain("pending");
    expect(await installation.run(["status"])).toMatchObject({ exitCode: 2 });
    await installation.must(["migrate", "up"]);
    await installation.must(["status"]);
  });

  it("adds no second credential for a company and environment", async () => {
    const installation = await installReady();
    await installation.connect("acme");
    await expect(installation.connect("acme")).rejects.toThrow();
    const { items } = JSON.parse(await installation.must(["credential", "list", "--json"]));
    expect(items).toHaveLength(1);
  });

  it("saves no credential that ServiceTitan refuses, exit code 1", async () => {
    const installation = await installReady();
    const add = ["credential", "add", "--company", "acme", "--tenant", "1001", "--environment", "production"];
    const refused = await installation.run([...add, "--client-id", "cid.nobody", "--secrets-stdin"], {
      input: '{"clientSecret":"cs1.nothing","appKey":"ak1.nothing"}',
    });
    expect(refused.exitCode).toBe(1);
    expect(JSON.parse(await installation.must(["credential", "list", "--json"]))).toEqual({
      items: [],
      next: null,
    });
  });

  it("warns about a variable with its prefix that it does not know", async () => {
    const { run } = await install();
    const { stderr } = await run(["init"], { environment: { TITAN_SYNC_DATABSE_URL: "x" } });
    expect(stderr).toContain("TITAN_SYNC_DATABSE_URL");
  });
});
