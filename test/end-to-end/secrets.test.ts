import { chmod, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Installation, install, type RunOptions } from "./installation.js";

const company = ["--company", "acme", "--environment", "production"];

function addArguments({ simulator }: Installation, ...more: readonly string[]): readonly string[] {
  const [tenant] = simulator.tenants;
  return [
    "credential",
    "add",
    ...company,
    "--tenant",
    tenant?.tenantId ?? "",
    "--client-id",
    tenant?.clientId ?? "",
    ...more,
  ];
}

describe("secrets", () => {
  it("are in no output of any command, also when everything is logged and things go wrong", async () => {
    const installation = await install({ environment: { TITAN_SYNC_LOG_LEVEL: "debug" } });
    const [tenant] = installation.simulator.tenants;
    const { clientId = "", clientSecret = "", appKey = "" } = tenant ?? {};
    const outputs: string[] = [];
    const run = async (args: readonly string[], more?: RunOptions): Promise<void> => {
      const { stdout, stderr } = await installation.run(args, more);
      outputs.push(stdout, stderr);
    };
    const input = JSON.stringify({ clientSecret, appKey });
    await run(["init"]);
    await run(addArguments(installation, "--secrets-stdin", "--json"), { input });
    await run(addArguments(installation, "--secrets-stdin"), { input });
    await run(addArguments(installation, "--secrets-stdin"), { input: `${input}}` });
    await run(["credential", "list", "--json"]);
    installation.simulator.faults.inject({
      endpoint: "token",
      nth: 1,
      effect: { kind: "status", status: 500 },
    });
    installation.simulator.faults.inject({ endpoint: "export", nth: 2, effect: { kind: "revoked-token" } });
    await run(["sync", "--data", "both", "--json"]);
    await run(["sync", "--data", "both"]);
    await run(["status"]);
    await run(["history", "--json"]);
    await run(["rejections", "list"]);
    const key = (
      await readFile(join(installation.directory, ".titan-sync", "encryption-keys"), "utf8")
    ).trim();

    const everything = outputs.join("\n");
    expect(everything).toContain("run:end");
    for (const secret of [clientId, clientSecret, appKey, key.slice(key.indexOf(":") + 1)]) {
      expect(secret.length).toBeGreaterThan(10);
      expect(everything).not.toContain(secret);
    }
  });

  it("come from the environment too", async () => {
    const installation = await install();
    const [tenant] = installation.simulator.tenants;
    await installation.must(["init"]);
    await installation.must(addArguments(installation), {
      environment: {
        TITAN_SYNC_CLIENT_SECRET: tenant?.clientSecret ?? "",
        TITAN_SYNC_APP_KEY: tenant?.appKey ?? "",
      },
    });
  });

  it("are not asked for without a terminal", async () => {
    const installation = await install();
    await installation.must(["init"]);
    const { exitCode, stderr } = await installation.run(addArguments(installation));
    expect(exitCode).toBe(2);
    expect(stderr).toContain("TITAN_SYNC_CLIENT_SECRET");
    expect(stderr).toContain("--secrets-stdin");
  });

  it("are refused as flags", async () => {
    const installation = await install();
    const { exitCode } = await installation.run(addArguments(installation, "--client-secret", "cs1.x"));
    expect(exitCode).toBe(2);
  });

  it("are kept by a key file and a directory that only their owner can reach", async () => {
    const installation = await install({ database: "embedded" });
    await installation.must(["init"]);
    const directory = join(installation.directory, ".titan-sync");
    const keyFile = join(directory, "encryption-keys");
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    expect((await stat(keyFile)).mode & 0o777).toBe(0o600);
    await chmod(keyFile, 0o644);
    const { exitCode, stderr } = await installation.run(["status"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`chmod 600 ${keyFile}`);
  });

  it("stay unprinted when they are part of a database's address", async () => {
    const installation = await install();
    const { exitCode, stdout, stderr } = await installation.run(["init"], {
      environment: { TITAN_SYNC_DATABASE_URL: "postgres://somebody:hunter2hunter2@127.0.0.1:1/nowhere" },
    });
    expect(exitCode).toBe(1);
    expect(stderr).toContain("127.0.0.1:1/nowhere");
    expect(stdout + stderr).not.toContain("hunter2");
  });
});
