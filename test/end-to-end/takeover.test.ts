import { describe, expect, it } from "vitest";
import { installReady } from "./installation.js";

// By itself, so that other tests continue while this one waits for a lease to end.
describe("titan-sync sync after a killed sync", () => {
  it("waits for the lease to end, and continues the run where it stopped", async () => {
    const installation = await installReady({ simulator: { tenants: [{ customers: 25, invoices: 40 }] } });
    await installation.connect("acme");
    const hang = installation.simulator.faults.inject({ feed: "invoices", effect: { kind: "hang" } });
    const sync = installation.start(["sync", "--data", "both", "--json"]);
    await sync.printed('"feed":"invoices"');
    sync.child.kill("SIGKILL");
    await sync.result;
    hang.remove();
    const { stdout, stderr, exitCode } = await installation.run(["sync", "--data", "both", "--json"]);
    expect(exitCode).toBe(0);
    expect(stderr).toContain("Waiting");
    const lines = stdout.trimEnd().split("\n");
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ event: "run:start", resumed: true });
    expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({ event: "run:end", status: "completed" });
  });
});
