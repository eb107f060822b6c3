import { describe, expect, it } from "vitest";
import { AbortedError, ConflictError, ValidationError } from "../errors.js";
import { memoryStorage } from "../memory/memory-storage.js";
import { silentLogger } from "../ports/logger.js";
import type { Storage } from "../ports/storage.js";
import type { SyncEvent } from "../ports/sync-event.js";
import { shippedCatalog } from "../records/definitions/definitions.js";
import { manualClock } from "../testing/manual-clock.js";
import { openRun } from "../testing/storage/open-run.js";
import type { RunHandle, RunResult } from "./run-handle.js";
import { startSyncAll } from "./sync-all.js";
import { checkSyncAllRequest, type LeaseWait, type SyncAllRequest } from "./sync-all-request.js";
import type { SyncRequest } from "./sync-request.js";
import type { TenantOutcome } from "./tenant-outcome.js";

/** A storage with so many credentials, and runs that end when a test says so. */
async function createFixture(count: number) {
  const clock = manualClock();
  const storage = memoryStorage({ clock });
  for (let index = 0; index < count; index += 1) {
    await storage.createCredential({
      id: `credential-${index}`,
      companyId: `company-${String(index).padStart(4, "0")}`,
      tenantId: "1",
      environment: index % 2 === 0 ? "production" : "integration",
      clientId: "x",
      clientSecret: "x",
      appKey: "x",
      status: "connected",
    });
  }
  const begun: SyncRequest[] = [];
  const open = new Map<string, (status: RunResult["status"]) => void>();
  return {
    clock,
    storage,
    begun,
    open,
    /** Ends runs as they are begun. */
    endAll(status: RunResult["status"] = "completed") {
      for (const end of open.values()) end(status);
    },
    async sync(request: SyncRequest): Promise<RunHandle> {
      begun.push(request);
      const { promise, resolve } = Promise.withResolvers<RunResult>();
      const end = (status: RunResult["status"]): void => {
        open.delete(request.credentialId);
        resolve(resultOf(request.credentialId, status));
      };
      open.set(request.credentialId, end);
      request.signal?.addEventListener("abort", () => end("cancelled"));
      return {
        id: `run of ${request.credentialId}`,
        resumed: false,
        async *events() {
          yield { event: "feed:start", runId: `run of ${request.credentialId}`, feed: "zones" } as SyncEvent;
          await promise;
        },
        cancel: async () => end("cancelled"),
        handOver: async () => end("paused"),
        hasProgressed: () => false,
        result: promise,
      };
    },
  };
}

function resultOf(credentialId: string, status: RunResult["status"]): RunResult {
  return {
    runId: `run of ${credentialId}`,
    credentialId,
    companyId: "company",
    status,
    ledger: { feeds: {}, records: {}, processed: 5, successful: 3, failed: 1, unchanged: 1 },
    warnings: [],
    error: null,
    durationMs: 1,
    api: {} as RunResult["api"],
    diff: null,
  };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

type Fixture = Awaited<ReturnType<typeof createFixture>>;

function start({ clock, storage, sync }: Fixture, request: SyncAllRequest, changed: Partial<Fixture> = {}) {
  return startSyncAll(
    { clock, logger: silentLogger, store: storage, sync, ...changed },
    checkSyncAllRequest(shippedCatalog, request),
  );
}

describe("syncing all credentials", () => {
  it("runs as many at once as allowed, and starts the next when one ends", async () => {
    const fixture = await createFixture(5);
    const handle = await start(fixture, { concurrency: 2, data: "customers" });
    await settled();
    expect(fixture.begun).toHaveLength(2);
    fixture.open.get("credential-0")?.("completed");
    await settled();
    expect(fixture.begun.map((request) => request.credentialId)).toEqual([
      "credential-0",
      "credential-1",
      "credential-2",
    ]);
    expect(fixture.begun.every((request) => request.data === "customers")).toBe(true);
    for (let index = 0; index < 5; index += 1) {
      fixture.endAll();
      await settled();
    }
    expect((await handle.result).tenants).toHaveLength(5);
  });

  it("starts with the credential whose last sync is longest ago", async () => {
    const fixture = await createFixture(3);
    for (const id of [2, 0, 1]) {
      fixture.clock.advance(1000);
      await recordSync(fixture.storage, `credential-${id}`, `company-000${id}`, id % 2 === 0);
    }
    const handle = await start(fixture, { concurrency: 3 });
    await settled();
    expect(fixture.begun.map((request) => request.credentialId)).toEqual([
      "credential-2",
      "credential-0",
      "credential-1",
    ]);
    await handle.cancel();
  });

  it("reads all pages of credentials, and takes only those that match", async () => {
    const fixture = await createFixture(230);
    const pages: unknown[] = [];
    const store: Pick<Storage, "findCredential" | "listCredentials"> = {
      findCredential: (id) => fixture.storage.findCredential(id),
      listCredentials(filter, page) {
        pages.push(filter);
        return fixture.storage.listCredentials(filter, page);
      },
    };
    const handle = await startSyncAll(
      { clock: fixture.clock, logger: silentLogger, store, sync: async (request) => endsAtOnce(request) },
      checkSyncAllRequest(shippedCatalog, { filter: { environment: "production" } }),
    );
    const { tenants, status, totals } = await handle.result;
    expect(pages).toEqual([{ environment: "production" }, { environment: "production" }]);
    expect(new Set(tenants.map((tenant) => tenant.companyId)).size).toBe(115);
    expect(tenants.every((tenant) => tenant.environment === "production")).toBe(true);
    expect(status).toBe("completed");
    expect(totals).toEqual({ processed: 575, successful: 345, failed: 115, unchanged: 115 });
  });

  it("continues if one tenant's run cannot start or its end cannot be stored", async () => {
    const fixture = await createFixture(4);
    const handle = await start(
      fixture,
      { concurrency: 1 },
      {
        async sync(request) {
          if (request.credentialId === "credential-0") throw new ConflictError("Run x is alive.");
          const run = endsAtOnce(request);
          const lost = Promise.reject(new TypeError("gone"));
          lost.catch(() => undefined);
          return request.credentialId === "credential-1" ? { ...run, result: lost } : run;
        },
      },
    );
    const { tenants, status } = await handle.result;
    expect(tenants.map((tenant) => [tenant.status, tenant.error?.code ?? null])).toEqual([
      ["failed", "CONFLICT"],
      ["failed", "UNEXPECTED"],
      ["completed", null],
      ["completed", null],
    ]);
    expect(status).toBe("partial");
  });

  it("has the status that all tenants share", async () => {
    const fixture = await createFixture(2);
    const handle = await start(fixture, {});
    await settled();
    fixture.endAll("failed");
    expect((await handle.result).status).toBe("failed");
    const none = await start(fixture, { filter: { companyId: "nobody" } });
    expect(await none.result).toMatchObject({ status: "completed", tenants: [] });
  });

  it("stops the current runs and starts no others when canceled", async () => {
    const fixture = await createFixture(5);
    const handle = await start(fixture, { concurrency: 2 });
    await settled();
    await handle.cancel();
    const { tenants, status } = await handle.result;
    expect(fixture.begun).toHaveLength(2);
    expect(tenants).toHaveLength(5);
    expect(status).toBe("cancelled");
  });

  it("counts tenants whose start was aborted as cancelled", async () => {
    const fixture = await createFixture(1);
    const sync = async (): Promise<RunHandle> => {
      throw new AbortedError("closed");
    };
    const handle = await start(fixture, {}, { sync });
    expect((await handle.result).tenants).toMatchObject([{ status: "cancelled", error: null }]);
  });

  it("gives each run the remaining time, and leaves the others for later", async () => {
    const fixture = await createFixture(3);
    const handle = await start(fixture, { concurrency: 1, stopAfterMs: 1000 });
    await settled();
    fixture.clock.advance(400);
    fixture.endAll();
    await settled();
    fixture.clock.advance(600);
    fixture.endAll();
    const { tenants } = await handle.result;
    expect(fixture.begun.map((request) => request.stopAfterMs)).toEqual([1000, 600]);
    expect(tenants.map((tenant) => tenant.status)).toEqual(["completed", "completed", "paused"]);
  });

  it("takes the named credential only if everything else about it matches", async () => {
    const fixture = await createFixture(3);
    const named = await start(fixture, { filter: { credentialId: "credential-2" } });
    await settled();
    fixture.endAll();
    expect((await named.result).tenants.map((tenant) => tenant.credentialId)).toEqual(["credential-2"]);
    for (const filter of [
      { environment: "integration" },
      { companyId: "other" },
      { status: "error" },
    ] as const) {
      const none = await start(fixture, { filter: { credentialId: "credential-2", ...filter } });
      expect((await none.result).tenants).toEqual([]);
    }
    const unknown = await start(fixture, { filter: { credentialId: "nobody's" } });
    expect((await unknown.result).tenants).toEqual([]);
  });

  it("reports each outcome as soon as it is known, and continues if the listener fails", async () => {
    const fixture = await createFixture(2);
    const told: string[] = [];
    const onOutcome = ({ credentialId }: TenantOutcome): void => {
      told.push(credentialId);
      throw new Error("The listener is broken.");
    };
    const handle = await start(fixture, { concurrency: 1, onOutcome });
    await settled();
    fixture.endAll();
    await settled();
    expect(told).toEqual(["credential-0"]);
    fixture.endAll();
    expect((await handle.result).status).toBe("completed");
    expect(told).toEqual(["credential-0", "credential-1"]);
  });

  it("waits out the lease of a silent owner if requested, and says for whom", async () => {
    const fixture = await createFixture(1);
    let leaseEndsInMs = 1000;
    const sync = async (request: SyncRequest): Promise<RunHandle> => {
      if (leaseEndsInMs > 0) throw new ConflictError("The run is alive.", { runId: "other", leaseEndsInMs });
      return await fixture.sync(request);
    };
    const refused = await (await start(fixture, {}, { sync })).result;
    expect(refused.tenants).toMatchObject([
      { status: "failed", error: { code: "CONFLICT" }, cause: expect.any(ConflictError) },
    ]);

    const waits: LeaseWait[] = [];
    const handle = await start(fixture, { onLeaseWait: (wait) => waits.push(wait) }, { sync });
    await settled();
    leaseEndsInMs = 0;
    fixture.clock.advance(1050);
    await settled();
    fixture.endAll();
    expect((await handle.result).status).toBe("completed");
    expect(waits).toEqual([
      { credentialId: "credential-0", companyId: "company-0000", environment: "production", leftMs: 1000 },
    ]);
  });

  it("returns the events of all runs in one series that ends", async () => {
    const fixture = await createFixture(3);
    const handle = await start(fixture, {}, { sync: async (request) => endsAtOnce(request) });
    const runs: string[] = [];
    for await (const event of handle.events()) runs.push(event.runId);
    expect(runs.sort()).toEqual(["run of credential-0", "run of credential-1", "run of credential-2"]);
  });

  it("lists all problems of the request at once", () => {
    const request = { concurrency: 0, filter: { environment: "moon" }, mode: "half" } as unknown;
    expect(() => checkSyncAllRequest(shippedCatalog, request as SyncAllRequest)).toThrow(ValidationError);
    try {
      checkSyncAllRequest(shippedCatalog, request as SyncAllRequest);
    } catch (error) {
      expect((error as ValidationError).issues.map((issue) => issue.split(":")[0])).toEqual([
        "filter.environment",
        "concurrency",
        "mode",
      ]);
    }
  });
});

describe("a sync of many beside a worker", () => {
  it("failed for credentials whose run was in progress elsewhere; now they wait, and delay no other", async () => {
    const fixture = await createFixture(3);
    const elsewhere = new Set(["credential-0"]);
    const sync = async (request: SyncRequest): Promise<RunHandle> => {
      if (elsewhere.has(request.credentialId)) {
        throw new ConflictError("The run is alive.", { runId: "other", leaseEndsInMs: 30_000 });
      }
      return endsAtOnce(request);
    };
    const waits: LeaseWait[] = [];
    const ended: string[] = [];
    const handle = await start(
      fixture,
      {
        concurrency: 1,
        waitForOthers: true,
        onLeaseWait: (wait) => waits.push(wait),
        onOutcome: ({ credentialId }) => ended.push(credentialId),
      },
      { sync },
    );
    await settled();
    for (let looks = 0; looks < 5; looks += 1) {
      fixture.clock.advance(2000);
      await settled();
    }
    expect(ended).toEqual(["credential-1", "credential-2"]);
    expect(waits).toMatchObject([{ credentialId: "credential-0" }]);
    elsewhere.clear();
    fixture.clock.advance(2000);
    await settled();
    expect(await handle.result).toMatchObject({ status: "completed" });
    expect(ended).toEqual(["credential-1", "credential-2", "credential-0"]);
  });

  it("ends such a wait when it is canceled", async () => {
    const fixture = await createFixture(1);
    const sync = async (): Promise<RunHandle> => {
      throw new ConflictError("The run is alive.", { runId: "other", leaseEndsInMs: 30_000 });
    };
    const handle = await start(fixture, { waitForOthers: true }, { sync });
    await settled();
    await handle.cancel();
    expect((await handle.result).tenants).toMatchObject([{ status: "cancelled", result: null }]);
  });

  it("takes the named credentials and companies", async () => {
    const fixture = await createFixture(5);
    const sync = async (request: SyncRequest) => endsAtOnce(request);
    const filters = [
      { credentialIds: ["credential-1", "credential-3", "nobody"] },
      { companyIds: ["company-0001", "company-0003", "company-9999"] },
      { credentialIds: ["credential-1", "credential-2", "credential-3"], environment: "integration" },
    ] as const;
    for (const filter of filters) {
      const { tenants } = await (await start(fixture, { filter }, { sync })).result;
      expect(tenants.map(({ credentialId }) => credentialId)).toEqual(["credential-1", "credential-3"]);
    }
  });
});

function endsAtOnce({ credentialId }: SyncRequest): RunHandle {
  return {
    id: `run of ${credentialId}`,
    resumed: false,
    async *events() {
      yield { event: "feed:start", runId: `run of ${credentialId}`, feed: "zones" } as SyncEvent;
    },
    cancel: async () => undefined,
    handOver: async () => undefined,
    hasProgressed: () => false,
    result: Promise.resolve(resultOf(credentialId, "completed")),
  };
}

async function recordSync(storage: Storage, credentialId: string, companyId: string, isProduction: boolean) {
  const { lease } = await openRun(storage, {
    credentialId,
    scope: { companyId, environment: isProduction ? "production" : "integration", tenantId: "1" },
    runId: `earlier run of ${credentialId}`,
  });
  await storage.endRun({ lease, status: "completed", warnings: [], error: null });
}
