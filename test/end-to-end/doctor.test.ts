import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generateEncryptionKey } from "@titan-sync/core";
import { describe, expect, it } from "vitest";
import { type Installation, install, installReady, type RunOptions } from "./installation.js";

interface Finding {
  readonly check: string;
  readonly level: string;
  readonly message: string;
  readonly hint: string | null;
  readonly credentialId?: string;
}

async function examine(installation: Installation, more?: RunOptions) {
  const { exitCode, stdout } = await installation.run(["doctor", "--json"], more);
  const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: readonly Finding[] };
  expect(exitCode).toBe(ok ? 0 : 1);
  const problems = findings.filter(({ level }) => level === "problem");
  for (const { hint } of problems) expect(hint).toMatch(/\w/);
  return { ok, findings, problems };
}

describe("titan-sync doctor", () => {
  it("checks everything, and finds no problem if everything works", async () => {
    const installation = await installReady({ database: "postgres" });
    const credentialId = await installation.connect("acme");
    const { ok, findings, problems } = await examine(installation);
    expect(problems).toEqual([]);
    expect(ok).toBe(true);
    expect(new Set(findings.map(({ check }) => check))).toEqual(
      new Set(["node", "database", "keys", "host", "clock", "credential"]),
    );
    expect(findings.filter(({ check }) => check === "host")).toHaveLength(2);
    expect(findings.at(-1)).toMatchObject({ credentialId, level: "ok" });
    expect(await installation.must(["doctor"])).toContain("No problems found.");
  });

  it("compares stored data with itself, the sink and ServiceTitan with --deep", async () => {
    const installation = await installReady();
    const credentialId = await installation.connect("acme");
    await installation.must(["sync", "--all", "--data", "both"]);
    const deep = async () => {
      const { stdout } = await installation.run(["doctor", "--deep", "--json"]);
      const { findings } = JSON.parse(stdout) as { findings: readonly Finding[] };
      return findings.filter(({ check }) => check === "consistency");
    };
    expect(await deep()).toEqual([
      expect.objectContaining({ level: "ok", credentialId, message: expect.stringContaining("agrees") }),
    ]);
  });

  it("says what is missing before anything is set up", async () => {
    const { problems } = await examine(await install());
    expect(problems.map(({ check }) => check)).toEqual(["keys", "database"]);
    for (const { hint } of problems) expect(hint).toContain("titan-sync init");
  });

  it("distinguishes a database without tables from one that cannot be reached", async () => {
    const installation = await install({ database: "postgres" });
    const empty = await examine(installation);
    expect(empty.problems.map(({ message }) => message).join()).toContain("The tables do not exist yet.");
    const away = await examine(installation, {
      environment: { TITAN_SYNC_DATABASE_URL: "postgres://somebody:hunter2@127.0.0.1:1/nowhere" },
    });
    const [database] = away.problems.filter(({ check }) => check === "database");
    expect(database?.message).toContain("127.0.0.1:1/nowhere");
    expect(JSON.stringify(away.findings)).not.toContain("hunter2");
  });

  it("names a missing key, and a key file that others can read", async () => {
    const installation = await installReady({ keyIn: "file" });
    await installation.connect("acme");
    const file = join(installation.directory, ".titan-sync", "encryption-keys");
    await writeFile(file, generateEncryptionKey("other"));
    const lost = await examine(installation);
    expect(lost.problems.map(({ check }) => check)).toEqual(["keys", "credential"]);
    expect(lost.problems[0]?.message).toContain("1 credential cannot be decrypted");

    await chmod(file, 0o644);
    const open = await examine(installation);
    expect(open.problems).toContainEqual(
      expect.objectContaining({ check: "keys", hint: expect.stringContaining(`chmod 600 ${file}`) }),
    );
  });

  it("says which credential is refused, and which host is unreachable", async () => {
    const installation = await installReady();
    const credentialId = await installation.connect("acme");
    const effect = { kind: "status", status: 401, body: "oauth" } as const;
    installation.simulator.faults.inject({ endpoint: "token", effect });
    const refused = await examine(installation);
    expect(refused.problems).toEqual([expect.objectContaining({ check: "credential", credentialId })]);

    const away = await examine(installation, {
      environment: { TITAN_SYNC_API_URL: "http://127.0.0.1:2" },
    });
    expect(away.problems[0]).toMatchObject({
      check: "host",
      message: expect.stringContaining("API host 127.0.0.1:2"),
    });
  });

  it("stops when it is interrupted", async () => {
    const installation = await installReady();
    await installation.connect("acme");
    installation.simulator.faults.inject({ endpoint: "token", effect: { kind: "hang" } });
    const doctor = installation.start(["doctor", "--log-level", "debug"]);
    await expect.poll(() => installation.simulator.counters().tokenRequests, { timeout: 250_000 }).toBe(2);
    doctor.child.kill("SIGTERM");
    expect((await doctor.result).exitCode).toBe(130);
  });
});
