import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import {
  LeaseLostError,
  type LinkIds,
  type NewEntity,
  type RunLease,
  type SettleParams,
  type Storage,
  type TenantScope,
} from "@titan-sync/core";
import { openRun } from "@titan-sync/core/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../../test/postgres/database.js";
import { isSqlTransaction } from "../database/sql-transaction.js";
import { postgresStorage } from "./postgres-storage.js";

let database: TestDatabase;
let storage: Storage;
beforeAll(async () => {
  database = await createTestDatabase();
  storage = postgresStorage({ pool: database.pool });
});
afterAll(() => database.drop());

const nothing = { derived: 0, delivered: 0, removed: 0, unchanged: 0, leftOut: 0, rejected: 0, warned: 0 };

interface Owned {
  readonly scope: TenantScope;
  readonly lease: RunLease;
  begin(): ReturnType<Storage["beginRun"]>;
  /** Settles nothing, and stays in its transaction while `work` lasts. */
  settle(work: (transaction: unknown) => Promise<unknown>): Promise<void>;
}

async function own(leaseMs = 60_000, of: Storage = storage): Promise<Owned> {
  const scope: TenantScope = { companyId: randomUUID(), environment: "production", tenantId: "42" };
  const credentialId = randomUUID();
  const secrets = { clientId: "x", clientSecret: "x", appKey: "x" };
  await of.createCredential({ id: credentialId, ...scope, ...secrets, status: "connected" });
  const begin = () => openRun(of, { credentialId, scope, runId: randomUUID(), leaseMs });
  const { lease } = await begin();
  const common: Omit<SettleParams, "settlement"> = {
    lease,
    scope,
    record: "member",
    feed: "customers",
    batchId: null,
  };
  return {
    scope,
    lease,
    begin,
    settle: (work) =>
      of.settleKeys({
        ...common,
        settlement: async (transaction) => {
          await work(transaction);
          return { items: [], figures: { ...nothing, derived: 1, leftOut: 1 } };
        },
      }),
  };
}

const cancel = ({ scope: { companyId }, lease: { runId } }: Owned) =>
  storage.requestRunCancellation({ companyId, runId, actor: "ann" });

/** Resolves when `settle` is in its transaction; the transaction continues when `finish` is called. */
function hold({ settle }: Owned): {
  readonly entered: Promise<void>;
  finish(): void;
  readonly settled: Promise<void>;
} {
  const entered = Promise.withResolvers<void>();
  const finishing = Promise.withResolvers<void>();
  const settled = settle(async () => {
    entered.resolve();
    await finishing.promise;
  });
  settled.catch(entered.reject);
  return { entered: entered.promise, finish: finishing.resolve, settled };
}

describe("a lease", () => {
  it("is extended while writers are busy: no heartbeat waits for them", async () => {
    const owner = await own();
    const writers = [hold(owner), hold(owner)];
    await Promise.all(writers.map((writer) => writer.entered));
    for (let beat = 0; beat < 5; beat += 1) await storage.renewLease({ lease: owner.lease, leaseMs: 60_000 });
    for (const writer of writers) writer.finish();
    await Promise.all(writers.map((writer) => writer.settled));
  });

  it("does not extend the time that a host lets transactions idle", async () => {
    const host = await createTestDatabase({ connections: 1 });
    try {
      await host.pool.query("SET idle_in_transaction_session_timeout = '700ms'");
      const owner = await own(60_000, postgresStorage({ pool: host.pool }));
      await owner.settle(async (transaction) => {
        if (!isSqlTransaction(transaction)) throw new Error("The transaction is none of ours.");
        const { rows } = await transaction.query("SHOW idle_in_transaction_session_timeout");
        expect(rows).toEqual([{ idle_in_transaction_session_timeout: "700ms" }]);
      });
    } finally {
      await host.drop();
    }
  });

  it("is not taken over before writers that started under it have ended, and their rows count", async () => {
    const owner = await own();
    const writer = hold(owner);
    await writer.entered;
    await storage.renewLease({ lease: owner.lease, leaseMs: 1 });
    await delay(20);
    let isTaken = false;
    const takeover = owner.begin().then((begun) => {
      isTaken = true;
      return begun;
    });
    await delay(200);
    expect(isTaken).toBe(false);
    writer.finish();
    await writer.settled;
    const { run, resumed, lease } = await takeover;
    expect(resumed).toBe(true);
    expect(lease.fence).toBeGreaterThan(owner.lease.fence);
    expect(run.records.member).toMatchObject({ derived: 1 });
  });

  it("receives a request to cancel its run while writers are busy, without waiting for them", async () => {
    const owner = await own();
    const writer = hold(owner);
    await writer.entered;
    expect(await cancel(owner)).toBe("requested");
    const beat = await storage.renewLease({ lease: owner.lease, leaseMs: 60_000 });
    expect(beat).toEqual({ cancelRequestedBy: "ann" });
    writer.finish();
    await writer.settled;
  });

  it("is dead, and its run cancelled, only when writers that started under it have ended", async () => {
    const owner = await own();
    const writer = hold(owner);
    await writer.entered;
    await storage.renewLease({ lease: owner.lease, leaseMs: 1 });
    await delay(20);
    let isCancelled = false;
    const cancelling = cancel(owner).then((outcome) => {
      isCancelled = true;
      return outcome;
    });
    await delay(200);
    expect(isCancelled).toBe(false);
    writer.finish();
    await writer.settled;
    expect(await cancelling).toBe("cancelled");
    const run = await storage.findRun(owner.lease.runId);
    expect(run).toMatchObject({ status: "cancelled", records: { member: { derived: 1 } } });
  });

  it("of a dead run goes to one of those that cancel and start simultaneously, and each learns the outcome", async () => {
    const owner = await own();
    await storage.renewLease({ lease: owner.lease, leaseMs: 1 });
    await delay(20);
    const [outcomes, begun] = await Promise.all([
      Promise.all([cancel(owner), cancel(owner), cancel(owner)]),
      owner.begin(),
    ]);
    const run = await storage.findRun(owner.lease.runId);
    if (begun.resumed) {
      expect(new Set(outcomes)).toEqual(new Set(["requested"]));
      expect(run).toMatchObject({ status: "running" });
      const beat = await storage.renewLease({ lease: begun.lease, leaseMs: 60_000 });
      expect(beat).toEqual({ cancelRequestedBy: "ann" });
    } else {
      expect(outcomes.filter((outcome) => outcome === "cancelled")).toHaveLength(1);
      expect(outcomes).not.toContain("requested");
      expect(run).toMatchObject({ status: "cancelled" });
    }
  });

  it("ends the transaction of a stopped owner when it expires", async () => {
    const { owner, writer } = await holdBriefly();
    // Refused while the lease lasts, then held up by nobody: the server has ended the transaction.
    const heir = await beginSoon(owner);
    expect(heir.resumed).toBe(true);
    writer.finish();
    await expect(writer.settled).rejects.toMatchObject({ code: "STORAGE", retryable: true });
    expect((await storage.findRun(owner.lease.runId))?.records).toEqual({});
  });

  it("of one tenant gives no access to another tenant's data", async () => {
    const [owner, other] = [await own(), await own()];
    const landing = { ...landingOf([entity("1")]), lease: owner.lease, scope: other.scope };
    await expect(storage.landRows(landing)).rejects.toMatchObject({ code: "LEASE_LOST" });
    expect(await storage.hasLandedData(other.scope)).toBe(false);
  });

  it("is not granted for a credential that was removed, or belongs to another tenant", async () => {
    const owner = await own();
    const begin = (credentialId: string, scope: TenantScope) =>
      openRun(storage, { credentialId, scope, runId: randomUUID() });
    await expect(begin(randomUUID(), owner.scope)).rejects.toMatchObject({ code: "CONFLICT" });
    const { scope } = await own();
    await storage.endRun({ lease: owner.lease, status: "completed", warnings: [], error: null });
    await expect(begin(owner.lease.credentialId, scope)).rejects.toMatchObject({ code: "CONFLICT" });
  });
});

describe("concurrent writers", () => {
  it("never deadlock", async () => {
    const { lease, scope } = await own();
    const deadlocks = async () => {
      await database.pool.query("SELECT pg_stat_force_next_flush()");
      const text = "SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()";
      return (await database.pool.query<{ deadlocks: number }>(text)).rows[0]?.deadlocks;
    };
    const before = await deadlocks();
    const ids = Array.from({ length: 300 }, (_, index) => String(index + 1));
    // Two feeds that list the same keys, given in opposite orders.
    const land = (feed: "customer-contacts" | "memberships", round: number) => {
      const to = feed === "memberships" ? [...ids].reverse() : ids;
      const rows = ids.map((id, index) => entity(id, `round ${round}`, { customer: to[index] ?? null }));
      const touches = [{ record: "member", feed: "customers", link: "customer" }] as const;
      return storage.landRows({ ...landingOf(rows), lease, scope, feed, touches });
    };
    const rounds = Array.from({ length: 8 }, (_, round) => round);
    const claims = rounds.map(() =>
      storage.claimKeys({
        lease,
        scope,
        record: "member",
        feed: "customers",
        after: null,
        limit: 100,
        seenOnly: false,
      }),
    );
    await Promise.all([
      ...rounds.flatMap((round) => [land("customer-contacts", round), land("memberships", round)]),
      ...claims,
    ]);
    expect(await deadlocks()).toBe(before);
  });

  it("lose no link that an entity had between two moves", async () => {
    const { lease, scope } = await own();
    const move = (to: string, version: string) =>
      storage.landRows({
        ...landingOf([entity("1", version, { customer: to })]),
        lease,
        scope,
        feed: "customer-contacts",
        touches: [{ record: "member", feed: "customers", link: "customer" }],
      });
    await move("10", "first");
    await Promise.all(["20", "30", "40", "50"].map((to) => move(to, to)));
    const claimed = {
      lease,
      scope,
      record: "member",
      feed: "customers",
      after: null,
      limit: 100,
      seenOnly: false,
    } as const;
    const keys = await storage.claimKeys(claimed);
    expect(keys.map((key) => key.id)).toEqual(["10", "20", "30", "40", "50"]);
  });
});

it("reads only as many rows as it lands, however large a feed without statistics has become", async () => {
  const fresh = await createTestDatabase({ connections: 1 });
  try {
    await fresh.pool.query("ALTER TABLE titan_sync.entities SET (autovacuum_enabled = false)");
    const single = postgresStorage({ pool: fresh.pool });
    const scope = { companyId: "acme", environment: "production", tenantId: "42" } as const;
    const secrets = { clientId: "x", clientSecret: "x", appKey: "x" };
    await single.createCredential({ id: "c", ...scope, ...secrets, status: "connected" });
    const { lease } = await openRun(single, { credentialId: "c", scope, leaseMs: 60_000 });
    const rows = 3000;
    for (let first = 1; first <= rows; first += 500) {
      const part = Array.from({ length: 500 }, (_, index) =>
        entity(String(first + index), "first", { customer: "7" }),
      );
      await single.landRows({ ...landingOf(part), lease, scope });
    }
    await fresh.pool.query("SELECT pg_stat_force_next_flush()");
    const { rows: read } = await fresh.pool.query<{ read: number }>(
      `SELECT (seq_tup_read + idx_tup_fetch)::int AS read FROM pg_stat_user_tables WHERE relname = 'entities'`,
    );
    expect(read[0]?.read).toBeLessThan(2 * rows);
  } finally {
    await fresh.drop();
  }
});

it("protects audit entries from changes, even by a user with the password", async () => {
  const { pool } = database;
  const entry = {
    actor: "ada",
    action: "sync:start",
    subject: "run",
    outcome: "success",
    details: {},
  } as const;
  await storage.appendAudit({ ...entry, companyId: "acme" });
  await expect(pool.query("UPDATE titan_sync.audit SET actor = 'eve'")).rejects.toThrow("append-only");
  await expect(pool.query("DELETE FROM titan_sync.audit")).rejects.toThrow("append-only");
  expect(await storage.pruneAudit({ before: Date.now() + 60_000, limit: 10 })).toBe(1);
});

function entity(id: string, version = "first", links: LinkIds = {}): NewEntity {
  return { id, payload: `{"id":${id}}`, contentHash: version, usedHash: version, modifiedOn: null, links };
}

function landingOf(entities: readonly NewEntity[]) {
  return {
    feed: "customers",
    source: "export",
    entities,
    rejections: [],
    touches: [],
    repeated: 0,
    cursor: null,
    endsPage: true,
    markSeen: false,
    healsBefore: null,
  } as const;
}

/** Holds a transaction open under a lease that is as short as this machine manages. */
async function holdBriefly() {
  for (let leaseMs = 300; ; leaseMs *= 2) {
    const owner = await own(leaseMs);
    const writer = hold(owner);
    try {
      await writer.entered;
      return { owner, writer };
    } catch (error) {
      if (!(error instanceof LeaseLostError)) throw error;
    }
  }
}

/** Begins as soon as the lease of the owner before has run out. */
async function beginSoon({ begin }: Owned): ReturnType<Storage["beginRun"]> {
  for (;;) {
    try {
      return await begin();
    } catch (error) {
      if (!(error instanceof Error && "leaseEndsInMs" in error)) throw error;
      await delay(Number(error.leaseEndsInMs) + 1);
    }
  }
}
