import {
  ConfigError,
  type ConnectionTest,
  type CredentialStatus,
  type CredentialSummary,
  type RejectionFilter,
  type StoredRun,
  type StoredSchedule,
} from "@titan-sync/core";
import { describe, expect, it } from "vitest";
import { checkClock } from "./check-clock.js";
import { checkCompanies } from "./check-companies.js";
import { checkCredentials } from "./check-credentials.js";
import { checkHost } from "./check-host.js";
import { checkKeys } from "./check-keys.js";
import { checkNode } from "./check-node.js";
import { checkRejections } from "./check-rejections.js";
import { checkScheduler } from "./check-scheduler.js";
import { checkSink } from "./check-sink.js";
import { checkStates } from "./check-states.js";

const { signal } = new AbortController();
const levels = (findings: readonly { readonly level: string }[]): readonly string[] =>
  findings.map(({ level }) => level);

describe("the check of Node", () => {
  it.each([
    ["22.16.0", "ok"],
    ["24.0.1", "ok"],
    ["22.15.9", "problem"],
    ["20.20.2", "problem"],
  ])("judges %s as %s", (version, level) => {
    expect(checkNode(version).level).toBe(level);
  });
});

describe("the check of companies", () => {
  it("reports one that only the configuration file knows, which may be misspelled", () => {
    const credentials = [{ companyId: "acme" }];
    expect(checkCompanies([], credentials)).toEqual([]);
    expect(checkCompanies(["acme", "acne"], credentials)).toMatchObject([
      { check: "company", level: "warning", message: expect.stringContaining("company acne,") },
    ]);
  });
});

describe("the check of the scheduler", () => {
  const now = Date.parse("2026-12-01T02:00:00Z");
  const nightly = {
    credentialId: "c-1",
    companyId: "acme",
    cron: "0 2 * * *",
    every: null,
    timeZone: "UTC",
    window: null,
    quietDays: [] as readonly string[],
  } as StoredSchedule;
  const findings = (lastSignAt: number | null, ...enabled: readonly boolean[]) =>
    checkScheduler(
      { findLastTick: async () => lastSignAt },
      { list: async () => ({ items: enabled.map((is) => ({ ...nightly, enabled: is })), next: null }) },
      now,
    );

  it("reports enabled schedules that nothing starts, which no sync shows", async () => {
    expect(await findings(null, false, true)).toMatchObject([
      { level: "problem", message: expect.stringContaining("none has ever run") },
    ]);
    expect(await findings(now - 200_000, true)).toMatchObject([
      { level: "problem", message: expect.stringContaining("2026-12-01T01:56:40.000Z") },
    ]);
    expect(levels(await findings(now - 100_000, true))).toEqual(["ok"]);
  });

  it("names a schedule that cannot be read, and says how to mend it", async () => {
    const broken = {
      ...nightly,
      credentialId: "c-2",
      companyId: "lost",
      timeZone: "America/Atlantis",
      enabled: true,
    };
    const items = [{ ...nightly, enabled: true }, broken];
    const list = async () => ({ items, next: null });
    expect(await checkScheduler({ findLastTick: async () => now }, { list }, now)).toMatchObject([
      { level: "ok" },
      {
        level: "problem",
        credentialId: "c-2",
        message: expect.stringMatching(/Company lost: .*America\/Atlantis/),
        hint: expect.stringContaining("schedule set --credential c-2 --time-zone"),
      },
    ]);
  });

  it("says nothing without enabled schedules", async () => {
    expect(await findings(null)).toEqual([]);
    expect(await findings(null, false)).toEqual([]);
  });
});

describe("the check of rejections", () => {
  it("reports rejected rows, which a completed run alone does not show", async () => {
    const credentials = [
      { id: "1", companyId: "acme", environment: "production" },
      { id: "2", companyId: "birch", environment: "production" },
    ] as const;
    const rejected = { feed: "customers", stage: "structure", rules: ["drift"], count: 1200 } as const;
    const count = async (filter: RejectionFilter) =>
      filter.credentialId === "1" && filter.stage === "structure" ? [rejected] : [];
    expect(await checkRejections({ rejections: { count } }, credentials)).toEqual([
      {
        check: "rejections",
        credentialId: "1",
        level: "warning",
        message: "Rows of company acme, production, are rejected: 1,200 of customers (drift).",
        hint: expect.stringContaining("titan-sync rejections list"),
      },
    ]);
  });
});

describe("the check of the sink", () => {
  it("reports a host's table that is about to run out of ids", async () => {
    const message = "Column id of public.members_stream has used 93 % of its numbers.";
    const warnings = async () => [{ code: "IDENTITY_NEARLY_USED", message, count: null }];
    expect(await checkSink({ check: async () => undefined, warnings })).toEqual([
      { check: "sink", code: "IDENTITY_NEARLY_USED", level: "warning", message, hint: expect.any(String) },
    ]);
    expect(await checkSink({})).toEqual([]);
  });

  it("reports a table that does not accept records", async () => {
    const check = () => Promise.reject(new ConfigError("There is no table public.members."));
    expect(await checkSink({ check })).toMatchObject([
      { check: "sink", level: "problem", message: "There is no table public.members." },
    ]);
  });
});

describe("the check of states", () => {
  const credential = {
    credentialId: "1",
    companyId: "acme",
    environment: "production",
    tenantId: "101",
    running: null,
    last: { runId: "run-1", status: "failed" },
    why: "Why it is.",
  } as CredentialStatus;
  const check = (given: Partial<CredentialStatus>, run: Partial<StoredRun> | null = null) =>
    checkStates({
      status: { list: async () => ({ items: [{ ...credential, ...given }], next: null }) },
      runs: { find: async () => run as StoredRun | null },
    });
  const error = { code: "DATA_DRIFT", message: "None of 300 rows can be used.", hint: "Look for news." };
  const warnings = [
    { code: "NEGATIVE_TOTAL", message: "Credits.", count: 3 },
    { code: "FEED_DEGRADED", message: "zones could not be read.", count: null },
  ];

  it("reports a sync that failed, although the connection works", async () => {
    expect(await check({ state: "failing" }, { error })).toEqual([
      {
        check: "sync",
        credentialId: "1",
        level: "problem",
        message: "Company acme, production, tenant 101: failing. Why it is. None of 300 rows can be used.",
        hint: "Look for news.",
      },
    ]);
    expect(await check({ state: "never" }, { error })).toMatchObject([{ level: "problem" }]);
    expect(await check({ state: "never", last: null })).toEqual([]);
  });

  it("reports a sync that was incomplete, and which feeds could not be read", async () => {
    expect(await check({ state: "degraded" }, { warnings })).toMatchObject([
      {
        level: "warning",
        message: "Company acme, production, tenant 101: degraded. Why it is. zones could not be read.",
      },
    ]);
  });

  it("said nothing of a credential that no sync reaches any longer, because its last one was good", async () => {
    expect(levels(await check({ state: "late" }, { error: null }))).toEqual(["problem"]);
    expect(levels(await check({ state: "paused" }))).toEqual(["warning"]);
    expect(await check({ state: "fresh" })).toEqual([]);
  });

  it("reported a refused credential twice: the check of its connection says more", async () => {
    expect(await check({ state: "refused" })).toEqual([]);
  });

  it("reports a run whose worker is gone", async () => {
    const running = { runId: "run-2", status: "lost" } as CredentialStatus["running"];
    expect(await check({ state: "fresh", running })).toMatchObject([
      { level: "warning", message: expect.stringContaining("run-2 has lost its worker") },
    ]);
  });
});

describe("the check of the clock", () => {
  it("reports the host whose clock differs most", () => {
    expect(levels(checkClock([900, -2000]))).toEqual(["ok"]);
    expect(checkClock([900, -120_000])).toMatchObject([
      { level: "problem", message: expect.stringContaining("120 s behind") },
    ]);
    expect(checkClock([90_000])).toMatchObject([{ message: expect.stringContaining("90 s ahead") }]);
  });

  it("reports nothing if no host returns its time", () => {
    expect(checkClock([])).toEqual([]);
  });
});

describe("the check of a host", () => {
  const options = { now: () => Date.parse("2026-03-01T12:00:30Z"), timeoutMs: 1000, signal };
  const check = (fetch: typeof globalThis.fetch) =>
    checkHost("API host", "https://api.example.com/path", { ...options, fetch });

  it("accepts any response as a sign of life, and reads the time from it", async () => {
    const headers = { date: "Sun, 01 Mar 2026 12:00:00 GMT" };
    const { finding, clockAheadMs } = await check(async () => new Response(null, { status: 404, headers }));
    expect(finding).toMatchObject({ level: "ok", message: expect.stringContaining("api.example.com") });
    expect(clockAheadMs).toBe(30_000);
  });

  it("says why there is none, without repeating an error's message", async () => {
    const cause = Object.assign(new Error("for https://user:hunter2@proxy"), { code: "ENOTFOUND" });
    const { finding, clockAheadMs } = await check(() => Promise.reject(new TypeError("failed", { cause })));
    expect(finding).toMatchObject({ level: "problem", message: expect.stringContaining("(ENOTFOUND)") });
    expect(JSON.stringify(finding)).not.toContain("hunter2");
    expect(clockAheadMs).toBeNull();
  });

  it("ends when the user stops it", async () => {
    const stopped = { ...options, signal: AbortSignal.abort(new Error("stop")) };
    const fetch: typeof globalThis.fetch = (_, init) => Promise.reject(init?.signal?.reason);
    await expect(checkHost("API host", "https://a.example", { ...stopped, fetch })).rejects.toThrow("stop");
  });
});

describe("the check of keys", () => {
  const key = { isCurrent: false, isKnown: true, credentials: 1, suppressionLists: 0 };

  it("distinguishes lost keys, rotations to finish and keys to remove", () => {
    const usage = [
      { ...key, id: "new", isCurrent: true },
      { ...key, id: "lost", isKnown: false },
      { ...key, id: "old" },
    ];
    const findings = checkKeys(["new", "old", "older"], usage);
    expect(levels(findings)).toEqual(["ok", "problem", "warning", "ok"]);
    expect(findings[1]?.message).toContain("lost");
    expect(findings[2]?.hint).toContain("keys rotate");
    expect(findings[3]?.message).toContain("older anymore");
  });

  it("counts a suppression list that is under a key: without it nobody could tell who was erased", () => {
    const usage = [
      { ...key, id: "new", isCurrent: true },
      { ...key, id: "old", credentials: 0, suppressionLists: 1 },
      { ...key, id: "lost", isKnown: false, suppressionLists: 2 },
    ];
    const findings = checkKeys(["new", "old"], usage);
    expect(findings.map((finding) => finding.message)).toEqual([
      "2 encryption keys configured; new encrypts.",
      "The key lost is not configured, and 1 credential and 2 suppression lists cannot be decrypted without it.",
      "1 suppression list still encrypted with the key old instead of new.",
    ]);
  });

  it("shows what is configured if the database cannot be queried", () => {
    expect(levels(checkKeys(["new", "old"], null))).toEqual(["ok"]);
  });
});

describe("the check of credentials", () => {
  const credential = { id: "one", companyId: "acme", environment: "production", status: "connected" };
  const check = (test: Partial<ConnectionTest>, timeLimit: AbortSignal = signal) =>
    checkCredentials([credential as CredentialSummary], {
      credentials: { test: async () => ({ ok: true, steps: [], missingScopes: [], ...test }) },
      timeLimit,
      signal,
    });

  it("distinguishes refused credentials from those that only lack a scope", async () => {
    expect(levels(await check({}))).toEqual(["ok"]);
    expect(levels(await check({ missingScopes: ["tn.crm.customers:r"] }))).toEqual(["warning"]);
    expect(levels(await check({ ok: false }))).toEqual(["problem"]);
  });

  it("says which were not tested when the time is up", async () => {
    const findings = await check({}, AbortSignal.abort());
    expect(findings).toMatchObject([
      { level: "warning", credentialId: "one", hint: expect.stringContaining("credential test one") },
    ]);
  });
});
