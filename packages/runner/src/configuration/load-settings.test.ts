import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "node:util";
import { generateEncryptionKey } from "@titan-sync/core";
import { describe, expect, it } from "vitest";
import { temporaryDirectory } from "../__fixtures__/temporary-directory.js";
import { loadSettings } from "./load-settings.js";

async function load(
  environment: Record<string, string> = {},
  flags: Parameters<typeof loadSettings>[1] = {},
  file?: { readonly name: string; readonly text: string },
) {
  const workingDirectory = await temporaryDirectory();
  if (file !== undefined) await writeFile(join(workingDirectory, file.name), file.text);
  return { workingDirectory, settings: await loadSettings({ environment, workingDirectory }, flags) };
}

describe("the configuration", () => {
  it("has defaults for everything", async () => {
    const { settings, workingDirectory } = await load();
    expect(settings).toEqual({
      companies: {},
      tables: null,
      alerts: { webhooks: [], slack: [], mail: [], heartbeatUrl: null, thresholds: {} },
      databaseUrl: null,
      dataDirectory: join(workingDirectory, ".titan-sync"),
      encryptionKeys: null,
      apiUrl: null,
      authUrl: null,
      rateLimit: null,
      host: "127.0.0.1",
      port: 8080,
      logLevel: "warn",
      warnings: [],
    });
  });

  it.each([
    ["titan-sync.config.json", '{ "rateLimit": 7 }'],
    ["titan-sync.config.yaml", "rateLimit: 7\n"],
    ["titan-sync.config.js", "export default { rateLimit: 7 };"],
    ["titan-sync.config.ts", "const rateLimit: number = 7;\nexport default { rateLimit };"],
  ])("is read from %s", async (name, text) => {
    const { settings } = await load({}, {}, { name, text });
    expect(settings.rateLimit).toBe(7);
  });

  it("prefers flags to the environment, the environment to the file, and the file to defaults", async () => {
    const file = {
      name: "titan-sync.config.json",
      text: '{ "logLevel": "error", "dataDirectory": "from-file", "host": "127.0.0.9" }',
    };
    const environment = { TITAN_SYNC_DATA_DIR: "from-environment", TITAN_SYNC_LOG_LEVEL: "info" };
    const { settings, workingDirectory } = await load(environment, { logLevel: "debug" }, file);
    expect(settings.logLevel).toBe("debug");
    expect(settings.dataDirectory).toBe(join(workingDirectory, "from-environment"));
    expect(settings.host).toBe("127.0.0.9");
    expect(settings.port).toBe(8080);
  });

  it("adds channels of alerts in the environment to those of the file, and prints none of their secrets", async () => {
    const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const file = {
      name: "titan-sync.config.json",
      text: JSON.stringify({
        alerts: {
          slack: [{ url: "https://hooks.example/canary" }],
          mail: [{ to: "a@x.example", from: "b@x.example", smtpUrl: "smtps://u:canary@x.example" }],
          thresholds: { failures: 5 },
        },
      }),
    };
    const { settings } = await load(
      {
        TITAN_SYNC_ALERT_WEBHOOK_URL: "https://x.example/canary",
        TITAN_SYNC_ALERT_WEBHOOK_SECRET: secret,
        TITAN_SYNC_HEARTBEAT_URL: "https://x.example/canary",
      },
      {},
      file,
    );
    const { webhooks, slack, mail, heartbeatUrl, thresholds } = settings.alerts;
    expect([webhooks.length, slack.length, mail.length, thresholds]).toEqual([1, 1, 1, { failures: 5 }]);
    expect([webhooks[0]?.secret.reveal(), heartbeatUrl?.reveal()]).toEqual([
      secret,
      "https://x.example/canary",
    ]);
    expect(JSON.stringify(settings) + inspect(settings, { depth: 9 })).not.toMatch(/canary|MfKQ/);
  });

  it("refuses channels of alerts that are not safe or not complete, without their secrets", async () => {
    const loading = load({
      TITAN_SYNC_ALERT_WEBHOOK_URL: "https://x.example/canary",
      TITAN_SYNC_SMTP_URL: "smtp://u:canary@x.example",
    });
    const first = await loading.catch((error: Error) => error);
    expect(String(first)).toContain("TITAN_SYNC_ALERT_WEBHOOK_SECRET belong together");
    expect(String(first)).toContain("TITAN_SYNC_SMTP_URL belong together");
    const second = await load({
      ...{ TITAN_SYNC_ALERT_SLACK_URL: "http://x.example/canary", TITAN_SYNC_ALERT_WEBHOOK_SECRET: "canary" },
      ...{ TITAN_SYNC_ALERT_MAIL_TO: "a@x.example\nBcc: b@x.example" },
    }).catch((error: Error) => error);
    for (const name of ["ALERT_SLACK_URL", "ALERT_WEBHOOK_SECRET", "ALERT_MAIL_TO"]) {
      expect(String(second)).toContain(`TITAN_SYNC_${name}: expected`);
    }
    expect(String(first) + String(second)).not.toContain("canary");
  });

  it("treats an empty variable as not set", async () => {
    const { settings } = await load({ TITAN_SYNC_PORT: "", TITAN_SYNC_DATABASE_URL: " " });
    expect(settings.port).toBe(8080);
    expect(settings.databaseUrl).toBeNull();
  });

  it("refuses the host's own tables with the embedded database, which does not contain them", async () => {
    const text = '{ "tables": { "member": { "table": "people" } } }';
    await expect(load({}, {}, { name: "titan-sync.config.json", text })).rejects.toThrow(
      "tables: your own tables need a PostgreSQL database",
    );
  });

  it("lists every problem of every source at once, each by its name there", async () => {
    const loading = load(
      { TITAN_SYNC_PORT: "eighty", TITAN_SYNC_RATE_LIMIT: "0" },
      { logLevel: "loud" },
      { name: "titan-sync.config.json", text: '{ "ratelimit": 5, "host": 3 }' },
    );
    const error = await loading.then(
      () => null,
      (reason: Error) => reason,
    );
    expect(error?.message.split("\n").slice(1)).toEqual([
      "  - titan-sync.config.json: host: expected the address to listen on, not 3",
      "  - titan-sync.config.json: ratelimit: unknown setting",
      "  - TITAN_SYNC_RATE_LIMIT: expected a whole number from 1 to 1000, not 0",
      '  - TITAN_SYNC_PORT: expected a whole number from 0 to 65535, not "eighty"',
      '  - --log-level: expected one of debug, info, warn, error, silent, not "loud"',
    ]);
  });

  it("never repeats a database address or a key that it refuses", async () => {
    const loading = load({ TITAN_SYNC_DATABASE_URL: "mysql://app:hunter2@db/x" });
    await expect(loading).rejects.toThrow("TITAN_SYNC_DATABASE_URL: expected the URL of a PostgreSQL");
    await expect(loading).rejects.not.toThrow("hunter2");
  });

  it("keeps the database address and the keys from being printed", async () => {
    const key = generateEncryptionKey();
    const { settings } = await load({
      TITAN_SYNC_DATABASE_URL: "postgres://app:hunter2@db/x",
      TITAN_SYNC_ENCRYPTION_KEYS: key,
    });
    expect(JSON.stringify(settings)).not.toMatch(/hunter2|key-/);
    expect(settings.databaseUrl?.reveal()).toContain("hunter2");
  });

  it.each([
    ["https://proxy.example.com/servicetitan", true],
    ["http://127.0.0.1:8080", true],
    ["http://localhost:1", true],
    ["http://[::1]:1", true],
    ["http://proxy.example.com", false],
    ["ftp://127.0.0.1", false],
    ["127.0.0.1:80", false],
  ])("sends credentials to %s: %s", async (url, accepted) => {
    const loading = load({ TITAN_SYNC_API_URL: url, TITAN_SYNC_AUTH_URL: url });
    if (accepted) await expect(loading).resolves.toMatchObject({ settings: { apiUrl: url, authUrl: url } });
    else await expect(loading).rejects.toThrow(/TITAN_SYNC_API_URL.*\n.*TITAN_SYNC_AUTH_URL/);
  });

  it("warns about unknown variables with our prefix", async () => {
    const { settings } = await load({ TITAN_SYNC_DATABSE_URL: "x", TITAN_SYNC_APP_KEY: "y", PATH: "/bin" });
    expect(settings.warnings).toEqual([
      "The environment variable TITAN_SYNC_DATABSE_URL is unknown and was ignored.",
    ]);
  });

  it("refuses a named file that does not exist", async () => {
    await expect(load({}, { config: "missing.config.json" })).rejects.toThrow("missing.config.json");
  });

  it("refuses a file that cannot be parsed", async () => {
    const file = { name: "titan-sync.config.json", text: "{ not json" };
    await expect(load({}, {}, file)).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  });
});
