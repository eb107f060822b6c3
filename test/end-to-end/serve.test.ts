import { describe, expect, it } from "vitest";
import { change, endLeasesSoon } from "./embedded-database.js";
import { type Installation, install, installReady } from "./installation.js";
import type { RunningProgram } from "./program.js";

/** Of schedules with a start each minute, the last start was not decided yet. */
function makeDue(installation: Installation): void {
  change(
    installation,
    `UPDATE schedules SET next_nominal_at = next_nominal_at - 60000, next_run_at = next_run_at - 60000,
      decided_until = next_nominal_at - 60001`,
  );
}

async function linesOf(program: RunningProgram) {
  const { stdout } = await program.result;
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

describe("titan-sync serve and titan-sync worker", () => {
  it("start scheduled syncs by themselves, hand a run over when stopped, and continue it after a kill", async () => {
    const installation = await installReady({ simulator: { tenants: [{ customers: 25, invoices: 40 }] } });
    const { start, must, simulator } = installation;
    const id = await installation.connect("acme");
    await must(["schedule", "set", "--credential", id, "--every", "1m"]);
    makeDue(installation);
    const server = start(["serve", "--port", "0", "--json"]);
    await server.printed('"event":"run:end"');

    const { items: starts } = JSON.parse(await must(["schedule", "starts", "--credential", id, "--json"]));
    expect(starts).toEqual([expect.objectContaining({ outcome: "queued", count: 1, credentialId: id })]);
    const url = /"url":"([^"]+)"/.exec(server.output().stdout)?.[1] ?? "";
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    const ready = await fetch(`${url}/health/ready`);
    expect([ready.status, await ready.json()]).toEqual([200, { status: "ready", missing: [] }]);

    const hang = simulator.faults.inject({ feed: "invoices", effect: { kind: "hang" } });
    const queued = JSON.parse(await must(["schedule", "run", "--credential", id, "--json"]));
    expect(queued).toMatchObject({ credentialId: id, status: "queued", isWorkerAlive: true });
    const { runId } = queued;
    await server.printed(`"runId":"${runId}"`);
    const status = JSON.parse(await must(["status", "--json"]));
    expect(status.items).toMatchObject([{ state: "fresh", running: { runId, status: "running" } }]);

    server.child.kill("SIGTERM");
    const lines = await linesOf(server);
    expect((await server.result).exitCode).toBe(0);
    expect(lines[0]).toEqual({
      event: "listening",
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    });
    expect(lines.at(-1)).toMatchObject({ event: "run:end", runId, credentialId: id, status: "paused" });

    const killed = start(["worker", "--json"]);
    await killed.printed(`"runId":"${runId}"`);
    killed.child.kill("SIGKILL");
    expect((await linesOf(killed)).slice(0, 2)).toMatchObject([
      { event: "ready" },
      { event: "run:start", runId, companyId: "acme", resumed: true },
    ]);
    hang.remove();
    endLeasesSoon(installation);
    const worker = start(["worker", "--json"]);
    await worker.printed('"event":"run:end"');
    worker.child.kill("SIGINT");
    expect((await worker.result).exitCode).toBe(0);
    const { items } = JSON.parse(await must(["history", "--json"]));
    expect(items).toMatchObject([
      { id: runId, status: "completed", type: "manual", handedOver: 1 },
      { id: starts[0].runId, status: "completed", type: "scheduled", handedOver: 0 },
    ]);
  });

  it("work on PostgreSQL, where jobs wait in pg-boss", async () => {
    const installation = await install({
      database: "postgres",
      simulator: { tenants: [{ customers: 25, invoices: 40 }] },
    });
    await installation.must(["init"]);
    const id = await installation.connect("acme");
    const worker = installation.start(["worker", "--json"]);
    await worker.printed('"event":"ready"');
    const { runId } = JSON.parse(await installation.must(["schedule", "run", "--credential", id, "--json"]));
    await worker.printed('"event":"run:end"');
    worker.child.kill("SIGTERM");
    expect((await linesOf(worker)).at(-1)).toMatchObject({ event: "run:end", runId, status: "completed" });
    expect((await worker.result).exitCode).toBe(0);
  });
});
