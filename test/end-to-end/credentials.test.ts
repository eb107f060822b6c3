import { describe, expect, it } from "vitest";
import { type Installation, installReady } from "./installation.js";

async function connected(): Promise<{ readonly installation: Installation; readonly id: string }> {
  const installation = await installReady();
  return { installation, id: await installation.connect("acme", 0, ["--trade", "HVAC"]) };
}

const show = async (installation: Installation, id: string) =>
  JSON.parse(await installation.must(["credential", "show", id, "--json"]));

describe("titan-sync credential show", () => {
  it("prints one credential with its company, secrets masked", async () => {
    const { installation, id } = await connected();
    const [tenant] = installation.simulator.tenants;
    const document = await show(installation, id);
    expect(document).toMatchObject({
      id,
      companyId: "acme",
      tenantId: tenant?.tenantId,
      status: "connected",
      trade: "HVAC",
      timeZone: "UTC",
      clientSecret: expect.stringContaining("…"),
    });
    expect(await installation.must(["credential", "show", id])).toMatch(/status +connected/);
  });

  it("reports that there is none", async () => {
    const { installation } = await connected();
    const { exitCode, stderr } = await installation.run(["credential", "show", "nobody"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("credential list");
  });
});

describe("titan-sync credential update", () => {
  it("changes nothing when ServiceTitan refuses the new values", async () => {
    const { installation, id } = await connected();
    const before = await show(installation, id);
    const { exitCode } = await installation.run(["credential", "update", id, "--secrets-stdin"], {
      input: JSON.stringify({ clientSecret: "cs1.not-the-secret-of-this-app" }),
    });
    expect(exitCode).toBe(1);
    expect(await show(installation, id)).toMatchObject({ version: before.version, status: "connected" });
  });

  it("saves the given values, without a test if requested, and does not change others", async () => {
    const { installation, id } = await connected();
    const before = await show(installation, id);
    const stdout = await installation.must(
      ["credential", "update", id, "--secrets-stdin", "--no-test", "--json"],
      { input: JSON.stringify({ clientSecret: "cs1.another-secret-of-this-app-1234" }) },
    );
    expect(JSON.parse(stdout)).toMatchObject({
      version: 2,
      status: "pending",
      clientSecret: "cs1.…1234",
      clientId: before.clientId,
      appKey: before.appKey,
      warnings: [],
    });
  });

  it("changes only the company without a request to ServiceTitan", async () => {
    const { installation, id } = await connected();
    installation.simulator.resetCounters();
    await installation.must(["credential", "update", id, "--time-zone", "America/Chicago"]);
    expect(await show(installation, id)).toMatchObject({
      version: 1,
      trade: "HVAC",
      timeZone: "America/Chicago",
    });
    expect(installation.simulator.counters()).toMatchObject({ requests: 0, tokenRequests: 0 });
  });

  it("requires something to change, and keeps the tenant once its data has been copied", async () => {
    const { installation, id } = await connected();
    const nothing = await installation.run(["credential", "update", id]);
    expect(nothing.exitCode).toBe(2);
    expect(nothing.stderr).toContain("Nothing to change");
    await installation.must(["sync", "--data", "customers"]);
    const moved = await installation.run(["credential", "update", id, "--tenant", "424242", "--no-test"]);
    expect(moved.exitCode).toBe(1);
    expect(moved.stderr).toContain("tenant id cannot change");
  });
});

describe("titan-sync credential remove", () => {
  it("asks first, and requires --yes if nobody can answer", async () => {
    const { installation, id } = await connected();
    const { exitCode, stderr } = await installation.run(["credential", "remove", id]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("--yes");
    const stdout = await installation.must(["credential", "remove", id, "--yes", "--json"]);
    expect(JSON.parse(stdout)).toEqual({ id, removed: true, withData: false });
    expect((await installation.run(["credential", "show", id])).exitCode).toBe(2);
  });

  it("refuses soon after a sync unless forced, and removes the data only if requested", async () => {
    const { installation, id } = await connected();
    await installation.must(["sync", "--data", "customers"]);
    const refused = await installation.run(["credential", "remove", id, "--yes"]);
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain("24 hours");

    await installation.must(["credential", "remove", id, "--yes", "--force"]);
    const again = await installation.connect("acme");
    const kept = await installation.must(["sync", "--data", "customers", "--json"]);
    expect(kept).toMatch(/"event":"run:end".*"successful":0/);

    await installation.must(["credential", "remove", again, "--yes", "--force", "--with-data"]);
    await installation.connect("acme");
    const retried = await installation.must(["sync", "--data", "customers", "--json"]);
    expect(retried).not.toMatch(/"event":"run:end".*"successful":0/);
  });
});
