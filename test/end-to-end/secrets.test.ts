import { chmod, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { createTestDatabase, type TestDatabase } from "../postgres/database.js";
import { type Installation, install, installReady, type RunOptions } from "./installation.js";
import { openRecordingProxy, type RecordedExchange } from "./recording-proxy.js";

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

const isTokenRequest = ({ path }: RecordedExchange): boolean => path.endsWith("/connect/token");

function tokenIn(answer: string): readonly string[] {
  const match = /"access_token":"([^"]+)"/.exec(answer);
  return match?.[1] === undefined ? [] : [match[1]];
}

/** Neither whole nor in part nor in disguise: a mask shows the kind of a secret and its last four characters. */
function expectNone(canaries: readonly string[], text: string): void {
  for (const canary of canaries) {
    expect(canary.length).toBeGreaterThan(16);
    const core = canary.replace(/^(?:cid|cs\d|ak\d)\./, "").slice(0, -5);
    const disguises = ["base64", "base64url", "hex"] as const;
    for (const form of [core, encodeURIComponent(core), ...disguises.map((name) => disguise(canary, name))]) {
      expect(text.includes(form), `${core.slice(0, 4)}… is to be found`).toBe(false);
    }
  }
}

/** Whole groups of three bytes: what stands behind a secret does not change how they look. */
function disguise(canary: string, encoding: "base64" | "base64url" | "hex"): string {
  return Buffer.from(canary.slice(0, canary.length - (canary.length % 3))).toString(encoding);
}

/** Every row of every table in the database, as text. */
async function everyRow({ pool }: TestDatabase): Promise<string> {
  const { rows: tables } = await pool.query<{ name: string }>(
    `SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
     WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')`,
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    const { rows } = await pool.query<{ row: string }>(`SELECT to_jsonb(t)::text AS row FROM ${name} AS t`);
    texts.push(name, ...rows.map(({ row }) => row));
  }
  return texts.join("\n");
}

describe("secrets", () => {
  it("are in no output, request or column, even if everything is logged and things go wrong", async () => {
    const database = await createTestDatabase({ empty: true });
    onTestFinished(() => database.drop());
    const installation = await install({
      environment: { TITAN_SYNC_LOG_LEVEL: "debug", TITAN_SYNC_DATABASE_URL: database.url },
    });
    const proxy = await openRecordingProxy(installation.simulator);
    const outputs: string[] = [];
    const run = async (args: readonly string[], more: RunOptions = {}): Promise<string> => {
      const environment = {
        TITAN_SYNC_API_URL: proxy.url,
        TITAN_SYNC_AUTH_URL: proxy.url,
        ...more.environment,
      };
      const { stdout, stderr } = await installation.run(args, { ...more, environment });
      outputs.push(stdout, stderr);
      return stdout;
    };
    const [tenant] = installation.simulator.tenants;
    const { clientId = "", clientSecret = "", appKey = "" } = tenant ?? {};
    const input = JSON.stringify({ clientSecret, appKey });
    const wrong = JSON.stringify({ clientSecret: "cs1.canary-of-a-secret-that-is-wrong", appKey });

    await run(["init"]);
    const added = await run(addArguments(installation, "--secrets-stdin", "--json"), { input });
    const { id } = JSON.parse(added) as { id: string };
    await run(addArguments(installation, "--secrets-stdin"), { input });
    await run(addArguments(installation, "--secrets-stdin"), { input: `${input}}` });
    await run(["credential", "list", "--json"]);
    await run(["credential", "show", id]);
    await run(["credential", "update", id, "--secrets-stdin"], { input: wrong });
    await run(["credential", "update", id, "--secrets-stdin", "--json"], { input });
    await run(["credential", "update", id, "--no-test"], {
      environment: { TITAN_SYNC_CLIENT_SECRET: clientSecret, TITAN_SYNC_APP_KEY: appKey },
    });
    installation.simulator.faults.inject({
      endpoint: "token",
      nth: 1,
      effect: { kind: "status", status: 500 },
    });
    installation.simulator.faults.inject({ endpoint: "export", nth: 2, effect: { kind: "revoked-token" } });
    await run(["sync", "--data", "both", "--json"]);
    await run(["keys", "rotate"]);
    await run(["sync", "--data", "both"]);
    await run(["credential", "test", id, "--json"]);
    await run(["doctor", "--json"]);
    await run(["status"]);
    await run(["history", "--json"]);
    await run(["rejections", "list"]);
    await run(["credential", "remove", id, "--yes"]);

    const keys = (await readFile(join(installation.directory, ".titan-sync", "encryption-keys"), "utf8"))
      .trim()
      .split("\n")
      .map((line) => line.slice(line.indexOf(":") + 1));
    const tokens = proxy.exchanges
      .filter(isTokenRequest)
      .flatMap(({ responseBody }) => tokenIn(responseBody));
    const canaries = [clientId, clientSecret, appKey, JSON.parse(wrong).clientSecret, ...keys, ...tokens];
    expect(keys).toHaveLength(2);
    expect(tokens.length).toBeGreaterThan(2);

    const everything = outputs.join("\n");
    expect(everything).toContain("run:end");
    expect(everything).toContain('"level":"debug"');
    expectNone(canaries, everything);

    const sent = proxy.exchanges.filter((exchange) => !isTokenRequest(exchange));
    expect(sent.some(({ requestHeaders }) => requestHeaders.get("st-app-key") === appKey)).toBe(true);
    expect(sent.length).toBeGreaterThan(20);
    for (const { path, requestHeaders, requestBody } of sent) {
      requestHeaders.delete("authorization");
      requestHeaders.delete("st-app-key");
      expectNone(canaries, JSON.stringify([path, [...requestHeaders], requestBody]));
    }

    const rows = await everyRow(database);
    expect(rows).toContain("secret:decrypt");
    expect(rows).toContain(id);
    expectNone(canaries, rows);
  });

  it("can come from the environment", async () => {
    const installation = await installReady();
    const [tenant] = installation.simulator.tenants;
    await installation.must(addArguments(installation), {
      environment: {
        TITAN_SYNC_CLIENT_SECRET: tenant?.clientSecret ?? "",
        TITAN_SYNC_APP_KEY: tenant?.appKey ?? "",
      },
    });
  });

  it("are not prompted for without a terminal", async () => {
    const installation = await installReady();
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

  it("are kept in a key file and a directory that only their owner can read", async () => {
    const installation = await install();
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

  it("are not printed if they are part of a database's address", async () => {
    const installation = await install();
    const { exitCode, stdout, stderr } = await installation.run(["init"], {
      environment: { TITAN_SYNC_DATABASE_URL: "postgres://somebody:hunter2hunter2@127.0.0.1:1/nowhere" },
    });
    expect(exitCode).toBe(1);
    expect(stderr).toContain("127.0.0.1:1/nowhere");
    expect(stdout + stderr).not.toContain("hunter2");
  });
});
