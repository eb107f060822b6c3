import { expect, it } from "vitest";
import type { Completeness, StoredCredentialState } from "../../ports/credential-state.js";
import type { RunRequest } from "../../ports/sync-run.js";
import type { StorageFixture } from "./storage-fixture.js";
import { randomCompanyId, readAll, type TenantUnderTest } from "./tenant-under-test.js";

/** Everything read up to one time. */
function completeUpTo(time: number, missing: readonly string[] = []): Completeness {
  const feeds = ["customers", "memberships"];
  const read = feeds.filter((feed) => !missing.includes(feed));
  return { customers: { feeds, missing, readUpTo: Object.fromEntries(read.map((feed) => [feed, time])) } };
}

/** Tests what the runs of a credential leave behind for its state, and its pauses. */
export function describeCredentialStates(fixture: StorageFixture): void {
  async function stateOf({ credential }: TenantUnderTest): Promise<StoredCredentialState> {
    const state = await fixture.storage.findCredentialState(credential.id);
    if (state === null) throw new Error("The credential has no state.");
    return state;
  }

  async function runToEnd(
    tenant: TenantUnderTest,
    status: "completed" | "partial" | "failed" | "cancelled" | "paused",
    completeness?: Completeness,
    request: Partial<RunRequest> = {},
  ) {
    const { lease } = await tenant.begin(request);
    const error = status === "failed" ? { code: "NETWORK", message: "cut", hint: null } : null;
    return await fixture.storage.endRun({ lease, status, error, warnings: [], completeness });
  }

  it("has a state of every credential, empty before the first run", async () => {
    const tenant = await fixture.newTenant();
    const { credential, scope } = tenant;
    expect(await stateOf(tenant)).toEqual({
      credentialId: credential.id,
      ...scope,
      connection: "connected",
      runs: {
        data: {},
        last: null,
        lastGood: null,
        lastFullStartedAt: null,
        failures: 0,
        failingSince: null,
        degradedSince: null,
      },
      pause: null,
      lastPausedAt: null,
      resumedAt: null,
      current: null,
    });
    expect(await fixture.storage.findCredentialState("unknown")).toBeNull();
  });

  it("stores with the end of a run how fresh each data type is", async () => {
    const tenant = await fixture.newTenant();
    const run = await runToEnd(tenant, "partial", completeUpTo(1_700_000_000_000, ["memberships"]));
    const ended = {
      runId: run.id,
      status: "partial",
      startedAt: run.startedAt,
      endedAt: run.completedAt,
      errorCode: null,
    };
    expect((await stateOf(tenant)).runs).toEqual({
      data: {
        customers: {
          freshAsOf: 1_700_000_000_000,
          feeds: ["customers"],
          missing: ["memberships"],
          lastGoodStartedAt: run.startedAt,
          lastGoodEndedAt: run.completedAt,
        },
      },
      last: ended,
      lastGood: ended,
      lastFullStartedAt: run.startedAt,
      failures: 0,
      failingSince: null,
      degradedSince: run.completedAt,
    });
  });

  it("counts failed runs in a row, and keeps what an earlier run had found fresh", async () => {
    const tenant = await fixture.newTenant();
    const good = await runToEnd(tenant, "completed", completeUpTo(1_700_000_000_000));
    const first = await runToEnd(tenant, "failed");
    await runToEnd(tenant, "cancelled");
    const second = await runToEnd(tenant, "failed");
    const { runs } = await stateOf(tenant);
    expect(runs).toMatchObject({
      failures: 2,
      failingSince: first.completedAt,
      last: { runId: second.id, errorCode: "NETWORK" },
      lastGood: { runId: good.id },
    });
    expect(runs.data["customers"]?.freshAsOf).toBe(1_700_000_000_000);
  });

  it.each([
    ["a range", { range: { from: "2026-01-01T00:00:00Z", to: null, by: "modified" } }],
    ["a run that only derives", { rederive: true }],
    ["a replay", { replay: true }],
  ] as const)("is not changed by %s", async (_, request) => {
    const tenant = await fixture.newTenant();
    await runToEnd(tenant, "completed", completeUpTo(1_700_000_000_000));
    const before = await stateOf(tenant);
    for (const status of ["completed", "partial", "failed"] as const) {
      await runToEnd(tenant, status, completeUpTo(1_800_000_000_000), request);
    }
    expect(await stateOf(tenant)).toEqual(before);
  });

  it("is not changed by runs that were canceled, superseded or paused", async () => {
    const tenant = await fixture.newTenant();
    await runToEnd(tenant, "completed", completeUpTo(1_700_000_000_000));
    const { runs: before } = await stateOf(tenant);
    await runToEnd(tenant, "paused", completeUpTo(1_800_000_000_000));
    await runToEnd(tenant, "cancelled", completeUpTo(1_800_000_000_000), { mode: "full" });
    expect((await stateOf(tenant)).runs).toEqual(before);
  });

  it("says nothing of another tenant's runs", async () => {
    const tenant = await fixture.newTenant();
    await runToEnd(tenant, "completed", completeUpTo(1_700_000_000_000));
    const { id, clientId, clientSecret, appKey } = tenant.credential;
    const other = { id, expectedVersion: 1, tenantId: "777", clientId, clientSecret, appKey };
    await fixture.storage.updateCredential(other);
    expect(await stateOf(tenant)).toMatchObject({ tenantId: "777", runs: { data: {}, lastGood: null } });
    const scope = { ...tenant.scope, tenantId: "777" };
    const { lease } = await fixture.storage.beginRun({
      credentialId: id,
      scope,
      type: "manual",
      request: {
        data: "customers",
        mode: "incremental",
        fresh: false,
        rederive: false,
        range: null,
        allowRemovals: false,
      },
      runId: `run-of-777-${id}`,
      leaseMs: 60_000,
    });
    const completeness = completeUpTo(1_600_000_000_000);
    await fixture.storage.endRun({ lease, status: "completed", warnings: [], error: null, completeness });
    expect((await stateOf(tenant)).runs.data["customers"]?.freshAsOf).toBe(1_600_000_000_000);
  });

  it("shows the run that is in progress or paused", async () => {
    const tenant = await fixture.newTenant();
    const run = await tenant.begin();
    expect((await stateOf(tenant)).current).toMatchObject({ id: run.run.id, status: "running" });
    await run.end("paused");
    expect((await stateOf(tenant)).current).toMatchObject({ id: run.run.id, status: "paused" });
  });

  it("shows a run as lost once its lease has expired, everywhere", async () => {
    const { storage } = fixture;
    const tenant = await fixture.newTenant();
    const { id: credentialId } = tenant.credential;
    const { run, lease } = await tenant.begin();
    const statuses = async () => ({
      found: (await storage.findRun(run.id))?.status,
      current: (await storage.findCurrentRun(credentialId))?.status,
      state: (await storage.findCredentialState(credentialId))?.current?.status,
      listed: (await storage.listRuns({ credentialId }, { limit: 1 })).items[0]?.status,
      running: (await storage.listRuns({ credentialId, status: "running" }, { limit: 1 })).items.length,
      lost: (await storage.listRuns({ credentialId, status: "lost" }, { limit: 1 })).items.length,
    });
    const seen = (status: string) => ({ found: status, current: status, state: status, listed: status });
    expect(await statuses()).toEqual({ ...seen("running"), running: 1, lost: 0 });
    await fixture.expireLease(lease);
    expect(await statuses()).toEqual({ ...seen("lost"), running: 0, lost: 1 });
    const heir = await tenant.begin();
    expect(heir.run).toMatchObject({ id: run.id, status: "running" });
    expect(await statuses()).toEqual({ ...seen("running"), running: 1, lost: 0 });
    await heir.end("paused");
    expect(await statuses()).toEqual({ ...seen("paused"), running: 0, lost: 0 });
  });

  it("counts a lost run that was ended among the failures, and none that was to be canceled", async () => {
    const { storage } = fixture;
    const error = { code: "WORKER_LOST", message: "gone", hint: null };
    const tenant = await fixture.newTenant();
    const { run, lease } = await tenant.begin();
    await fixture.expireLease(lease);
    await storage.endLostRun({ runId: run.id, error });
    const last = { runId: run.id, status: "failed", errorCode: "WORKER_LOST" };
    expect((await stateOf(tenant)).runs).toMatchObject({ failures: 1, last });
    const other = await tenant.begin();
    await other.requestCancel();
    await fixture.expireLease(other.lease);
    await storage.endLostRun({ runId: other.run.id, error });
    expect((await stateOf(tenant)).runs).toMatchObject({ failures: 1, last });
  });

  it("keeps a pause until somebody ends it, over runs and another tenant", async () => {
    const tenant = await fixture.newTenant();
    const { id, clientId, clientSecret, appKey } = tenant.credential;
    const until = 1_900_000_000_000;
    const pause = { credentialId: id, reason: "moving offices", actor: "ada", until };
    const paused = await fixture.storage.pauseCredential(pause);
    expect(paused).toMatchObject({ reason: "moving offices", actor: "ada", until });
    await runToEnd(tenant, "completed", completeUpTo(1_700_000_000_000));
    await fixture.storage.updateCredential({
      id,
      expectedVersion: 1,
      tenantId: "777",
      clientId,
      clientSecret,
      appKey,
    });
    expect(await stateOf(tenant)).toMatchObject({ pause: paused, resumedAt: null });

    const again = await fixture.storage.pauseCredential({ ...pause, reason: "still", until: null });
    expect((await stateOf(tenant)).pause).toEqual(again);
    expect(again).toMatchObject({ reason: "still", until: null });

    expect(await fixture.storage.resumeCredential(id)).toEqual(again);
    const resumed = await stateOf(tenant);
    expect(resumed).toMatchObject({ pause: null, lastPausedAt: again?.at });
    expect(resumed.resumedAt).toBeGreaterThanOrEqual(again?.at ?? Number.POSITIVE_INFINITY);
    expect(await fixture.storage.resumeCredential(id)).toBeNull();
    expect(await fixture.storage.pauseCredential({ ...pause, credentialId: "unknown" })).toBeNull();
    expect(await fixture.storage.resumeCredential("unknown")).toBeNull();
  });

  it("lists the stalest first, page by page, by company and environment", async () => {
    const companyId = randomCompanyId();
    const tenants = [
      await fixture.newTenant({ companyId, environment: "production" }),
      await fixture.newTenant({ companyId, environment: "integration" }),
      await fixture.newTenant(),
      await fixture.newTenant(),
    ] as const;
    const [middle, oldest, newest, unknown] = tenants;
    await runToEnd(middle, "completed", completeUpTo(1_700_000_000_000));
    await runToEnd(oldest, "completed", completeUpTo(1_500_000_000_000));
    await runToEnd(newest, "completed", completeUpTo(1_800_000_000_000));
    await runToEnd(unknown, "failed");
    const ids = async (filter: Parameters<typeof fixture.storage.listCredentialStates>[0], limit: number) =>
      (await readAll((page) => fixture.storage.listCredentialStates(filter, page), limit)).map(
        ({ credentialId }) => credentialId,
      );
    const companyIds = tenants.map(({ scope }) => scope.companyId);
    const stalestFirst = [unknown, oldest, middle, newest].map(({ credential }) => credential.id);
    for (const limit of [1, 2, 10]) expect(await ids({ companyIds }, limit)).toEqual(stalestFirst);
    expect(await ids({ companyId }, 10)).toEqual([oldest.credential.id, middle.credential.id]);
    expect(await ids({ companyId, environment: "production" }, 10)).toEqual([middle.credential.id]);
    expect(await ids({ companyIds: [] }, 10)).toEqual([]);
    const [first] = (await fixture.storage.listCredentialStates({ companyId }, { limit: 1 })).items;
    expect(first).toEqual(await stateOf(oldest));
  });

  it.each([false, true])("goes with its credential (with data: %s)", async (withData) => {
    const tenant = await fixture.newTenant();
    const { id, companyId, tenantId, environment, clientId, clientSecret, appKey, status } =
      tenant.credential;
    await runToEnd(tenant, "completed", completeUpTo(1_700_000_000_000));
    await fixture.storage.pauseCredential({ credentialId: id, reason: "r", actor: "ada", until: null });
    await fixture.storage.removeCredential({ id, withData });
    expect(await fixture.storage.findCredentialState(id)).toBeNull();
    await fixture.storage.createCredential({
      id,
      companyId,
      tenantId,
      environment,
      clientId,
      clientSecret,
      appKey,
      status,
    });
    expect(await stateOf(tenant)).toMatchObject({ pause: null, runs: { data: {} } });
  });
}
