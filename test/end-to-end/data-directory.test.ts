import { mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { install } from "./installation.js";

describe("a data directory used by several programs", () => {
  it("was refused to a second program, so that nobody could see how a sync was going", async () => {
    const installation = await install();
    await installation.must(["init"]);
    const credential = await installation.connect("acme");
    installation.simulator.faults.inject({ feed: "customers", effect: { kind: "hang" } });
    const first = installation.start(["sync", "--data", "customers", "--json"]);
    await first.printed("run:start");

    const { items } = JSON.parse(await installation.must(["status", "--json"]));
    expect(items).toMatchObject([{ credentialId: credential, currentRun: { status: "running" } }]);
    expect(JSON.parse(await installation.must(["history", "--json"])).items).toHaveLength(1);
    await installation.must(["export", "members"]);
    await installation.must(["credential", "list"]);
    await installation.must(["backup", "--out", "copy.db"]);

    const second = await installation.run(["sync", "--data", "customers"]);
    expect(second.exitCode).toBe(1);
    expect(second.stderr).toContain("another process has this credential's run");

    first.child.kill("SIGTERM");
    expect((await first.result).exitCode).toBe(130);
  });

  it("syncs different credentials in parallel", async () => {
    const tenants = [
      { customers: 60, invoices: 60 },
      { customers: 60, invoices: 60 },
    ];
    const installation = await install({ simulator: { tenants } });
    await installation.must(["init"]);
    await installation.connect("acme", 0);
    await installation.connect("beta", 1);
    const sync = (company: string): Promise<string> =>
      installation.must(["sync", "--company", company, "--data", "both"]);
    await Promise.all([sync("acme"), sync("beta")]);
    const members = await installation.must(["export", "members", "--format", "jsonl"]);
    expect(
      new Set(
        members
          .trimEnd()
          .split("\n")
          .map((line) => JSON.parse(line).tenant),
      ),
    ).toEqual(new Set(["acme", "beta"]));
  });

  it("is readable only to its owner, with all its files, even if it existed before", async () => {
    const installation = await install();
    const directory = join(installation.directory, ".titan-sync");
    await mkdir(directory, { mode: 0o755 });
    await installation.must(["init"]);
    await installation.connect("acme");
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    for (const name of await readdir(directory)) {
      expect([name, (await stat(join(directory, name))).mode & 0o777]).toEqual([name, 0o600]);
    }
  });
});
