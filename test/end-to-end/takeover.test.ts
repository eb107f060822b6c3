import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { type Installation, installReady } from "./installation.js";
import type { ProgramResult } from "./program.js";

/** So long the next sync has to wait for a killed one, instead of the half minute that it usually is. */
function shortenLease({ directory }: Installation, leaseMs: number): void {
  const database = new DatabaseSync(join(directory, ".titan-sync", "titan-sync.db"));
  database.prepare("UPDATE leases SET expires_at = ?").run(Date.now() + leaseMs);
  database.close();
}

/** A sync is killed, and the next one begins while the lease of the killed one lasts. */
async function syncAfterKill(leaseMs: number): Promise<ProgramResult> {
  const installation = await installReady({ simulator: { tenants: [{ customers: 25, invoices: 40 }] } });
  await installation.connect("acme");
  const hang = installation.simulator.faults.inject({ feed: "invoices", effect: { kind: "hang" } });
  const sync = installation.start(["sync", "--data", "both", "--json"]);
  await sync.printed('"feed":"invoices"');
  sync.child.kill("SIGKILL");
  await sync.result;
  hang.remove();
  shortenLease(installation, leaseMs);
  return await installation.run(["sync", "--data", "both", "--json"]);
}

describe("titan-sync sync after a killed sync", () => {
  it("waits for the lease to end, and continues the run where it stopped", async () => {
    let leaseMs = 4000;
    let result = await syncAfterKill(leaseMs);
    // On a machine that takes so long to start a program, the lease has ended before somebody could wait for it.
    while (!result.stderr.includes("Waiting") && leaseMs < 30_000) {
      leaseMs *= 2;
      result = await syncAfterKill(leaseMs);
    }
    const { stdout, stderr, exitCode } = result;
    expect(exitCode).toBe(0);
    expect(stderr).toContain("Waiting");
    const lines = stdout.trimEnd().split("\n");
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ event: "run:start", resumed: true });
    expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({ event: "run:end", status: "completed" });
  });
});
