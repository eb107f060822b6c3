import { describe, expect, it } from "vitest";
import { type Installation, installReady } from "./installation.js";

interface Line {
  readonly event: string;
  readonly [field: string]: unknown;
}

function linesOf(stdout: string): readonly Line[] {
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
}

async function installed(tenants = 1, database: "embedded" | "postgres" = "embedded"): Promise<Installation> {
  const installation = await installReady({
    database,
    simulator: { tenants: Array.from({ length: tenants }, () => ({ customers: 25, invoices: 40 })) },
  });
  return installation;
}

describe("titan-sync sync", () => {
  it("prints one event per line with --json, and ends with the run's figures", async () => {
    const installation = await installed();
    const credentialId = await installation.connect("acme");
    const stdout = await installation.must(["sync", "--data", "both", "--json"]);
    const lines = linesOf(stdout);
    expect(lines[0]).toMatchObject({ event: "run:start", credentialId, data: "both", mode: "incremental" });
    const events = new Set(lines.map((line) => line.event));
    for (const event of ["feed:start", "page:read", "batch:landed", "feed:end", "batch:delivered"]) {
      expect(events).toContain(event);
    }
    expect(lines.at(-1)).toEqual(
      expect.objectContaining({
        event: "run:end",
        runId: lines[0]?.["runId"],
        status: "completed",
        processed: expect.any(Number),
        successful: expect.any(Number),
        failed: expect.any(Number),
        unchanged: 0,
        durationMs: expect.any(Number),
        warnings: expect.any(Array),
      }),
    );
  });

  it("delivers nothing twice, and shows its runs in history and status", async () => {
    const installation = await installed();
    const credentialId = await installation.connect("acme");
    await installation.must(["sync", "--data", "both"]);
    const again = linesOf(await installation.must(["sync", "--data", "both", "--json"])).at(-1);
    expect(again).toMatchObject({ status: "completed", successful: 0 });

    const history = JSON.parse(await installation.must(["history", "--json", "--limit", "1"]));
    expect(history.items).toEqual([
      expect.objectContaining({
        credentialId,
        companyId: "acme",
        status: "completed",
        data: "both",
        successful: 0,
      }),
    ]);
    const older = JSON.parse(await installation.must(["history", "--json", "--cursor", history.next]));
    expect(older).toMatchObject({ items: [{ status: "completed" }], next: null });
    expect(older.items[0].successful).toBeGreaterThan(0);

    const status = JSON.parse(await installation.must(["status", "--json"]));
    expect(status.items).toEqual([
      expect.objectContaining({
        credentialId,
        connectionStatus: "connected",
        currentRun: null,
        lastRun: expect.objectContaining({ status: "completed" }),
      }),
    ]);
    expect(await installation.must(["status"])).toContain("acme");
    expect(await installation.must(["history"])).toContain("completed");
  });

  it("shows with --dry-run what it would do, and changes nothing", async () => {
    const installation = await installed();
    await installation.connect("acme");
    const said = await installation.must(["sync", "--data", "customers", "--dry-run"]);
    expect(said).toMatch(/dry run: [1-9]\d* new, 0 changed/);
    expect(JSON.parse(await installation.must(["history", "--json"]))).toEqual({ items: [], next: null });
    expect(await installation.must(["export", "members", "--format", "jsonl"])).toBe("");
  });

  it("is partial, exit code 3, without the scope of a related feed", async () => {
    const installation = await installed();
    await installation.connect("acme");
    installation.simulator.faults.inject({ feed: "zones", effect: { kind: "missing-scope" } });
    const { exitCode, stdout } = await installation.run(["sync", "--data", "both", "--json"]);
    expect(exitCode).toBe(3);
    const end = linesOf(stdout).at(-1);
    expect(end).toMatchObject({ event: "run:end", status: "partial" });
    expect(JSON.stringify(end?.["warnings"])).toContain("zones");
  });

  it("fails, exit code 1, without the scope of a driver feed", async () => {
    const installation = await installed();
    await installation.connect("acme");
    installation.simulator.faults.inject({ feed: "customers", effect: { kind: "missing-scope" } });
    const { exitCode, stdout } = await installation.run(["sync", "--data", "customers", "--json"]);
    expect(exitCode).toBe(1);
    expect(linesOf(stdout).at(-1)).toMatchObject({ event: "run:end", status: "failed" });
  });

  it("fails, exit code 1, with credentials that are refused", async () => {
    const installation = await installed();
    const [tenant] = installation.simulator.tenants;
    const added = await installation.run(
      [
        "credential",
        "add",
        "--company",
        "acme",
        "--tenant",
        tenant?.tenantId ?? "",
        "--environment",
        "production",
        "--client-id",
        "cid.0000000000000000000000000",
        "--secrets-stdin",
        "--no-test",
      ],
      { input: JSON.stringify({ clientSecret: "cs1.wrong-wrong-wrong-wrong", appKey: tenant?.appKey }) },
    );
    expect(added.exitCode).toBe(0);
    const tested = await installation.run(["credential", "test", added.stdout.trim(), "--json"]);
    expect(tested.exitCode).toBe(1);
    expect(JSON.parse(tested.stdout)).toMatchObject({ id: added.stdout.trim(), ok: false });

    const { exitCode, stdout } = await installation.run(["sync", "--data", "both", "--json"]);
    expect(exitCode).toBe(1);
    expect(linesOf(stdout).at(-1)).toMatchObject({ event: "run:end", status: "failed" });
  });

  it("syncs all credentials, and exits with 3 if their outcomes differ", async () => {
    const installation = await installed(2, "postgres");
    await installation.connect("alpha", 0);
    await installation.connect("beta", 1);
    const all = linesOf(await installation.must(["sync", "--all", "--data", "both", "--json"]));
    const ends = all.filter((line) => line.event === "run:end");
    expect(ends.map((end) => end["companyId"]).sort()).toEqual(["alpha", "beta"]);

    const failing = installation.simulator.tenants[1]?.tenantId;
    installation.simulator.faults.inject({
      feed: "customers",
      tenantId: failing,
      effect: { kind: "missing-scope" },
    });
    const { exitCode } = await installation.run(["sync", "--all", "--data", "customers"]);
    expect(exitCode).toBe(3);
  });

  it("pauses after the given time, and an equal sync continues the same run", async () => {
    const installation = await installed();
    await installation.connect("acme");
    installation.simulator.faults.inject({
      feed: "invoices",
      times: 1,
      effect: { kind: "latency", ms: 1500 },
    });
    const paused = linesOf(
      await installation.must(["sync", "--data", "both", "--stop-after", "300ms", "--json"]),
    ).at(-1);
    expect(paused).toMatchObject({ event: "run:end", status: "paused" });
    const lines = linesOf(await installation.must(["sync", "--data", "both", "--json"]));
    expect(lines[0]).toMatchObject({ event: "run:start", runId: paused?.["runId"], resumed: true });
    expect(lines.at(-1)).toMatchObject({ event: "run:end", runId: paused?.["runId"], status: "completed" });
  });

  it("is canceled gracefully by a signal, with exit code 130", async () => {
    const installation = await installed();
    await installation.connect("acme");
    const hang = installation.simulator.faults.inject({ feed: "invoices", effect: { kind: "hang" } });
    const sync = installation.start(["sync", "--data", "both", "--json"]);
    await sync.printed('"feed":"invoices"');
    sync.child.kill("SIGINT");
    const { exitCode, stdout } = await sync.result;
    expect(exitCode).toBe(130);
    expect(linesOf(stdout).at(-1)).toMatchObject({ event: "run:end", status: "cancelled" });
    hang.remove();
    await installation.must(["sync", "--data", "both"]);
  });
});
