import { randomUUID } from "node:crypto";
import { type RunLease, SinkTimeoutError, type Storage, type TenantScope } from "@titan-sync/core";
import { manualClock, openRun } from "@titan-sync/core/testing";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { createTestDatabase, type TestDatabase } from "../__fixtures__/test-database.js";
import type { SqliteTransaction } from "../database/sqlite-transaction.js";
import { sqliteStorage } from "./sqlite-storage.js";

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());

const nothing = { derived: 0, delivered: 0, removed: 0, unchanged: 0, leftOut: 0, rejected: 0, warned: 0 };

interface Owned {
  readonly scope: TenantScope;
  readonly lease: RunLease;
  /** Settles nothing, with a sink that does this inside the transaction. */
  settle(work: (transaction: SqliteTransaction) => Promise<unknown>): Promise<void>;
}

async function own(storage: Storage, leaseMs = 60_000): Promise<Owned> {
  const scope: TenantScope = { companyId: randomUUID(), environment: "production", tenantId: "42" };
  const credentialId = randomUUID();
  const secrets = { clientId: "x", clientSecret: "x", appKey: "x" };
  await storage.createCredential({ id: credentialId, ...scope, ...secrets, status: "connected" });
  const { lease } = await openRun(storage, { credentialId, scope, runId: randomUUID(), leaseMs });
  return {
    scope,
    lease,
    settle: (work) =>
      storage.settleKeys({
        lease,
        scope,
        record: "member",
        feed: "customers",
        batchId: null,
        settlement: async (transaction) => {
          await work(transaction as SqliteTransaction);
          return { items: [], figures: { ...nothing, derived: 1, leftOut: 1 } };
        },
      }),
  };
}

const note = (companyId: string) => `INSERT INTO companies (company_id, details, updated_at)
  VALUES ('${companyId}', '{"trade":"HVAC"}', 0)`;

/** A storage whose time passes only when it is told to. */
async function openTimed() {
  const clock = manualClock();
  const { database, drop } = await createTestDatabase({ clock });
  onTestFinished(drop);
  return { clock, storage: sqliteStorage({ database }) };
}

describe("a sink that waits inside the storage's transaction", () => {
  it("blocked all other writers for as long as it liked", async () => {
    const storage = sqliteStorage({ database: test.database, writeInTimeoutMs: 50 });
    const { settle, lease } = await own(storage);
    let held: SqliteTransaction | null = null;
    const settling = settle(async (transaction) => {
      held = transaction;
      await transaction.query(note("left-behind"));
      await new Promise(() => undefined);
    });
    // Others wait for it, and go on when it has had its time.
    const others = storage.appendAudit({
      actor: "ann",
      action: "sync:start",
      subject: "s",
      companyId: "acme",
      outcome: "success",
      details: {},
    });
    await expect(settling).rejects.toBeInstanceOf(SinkTimeoutError);
    await others;
    expect(await storage.findCompany("left-behind")).toBeNull();
    expect((await storage.findRun(lease.runId))?.records).toEqual({});
    const late = (held as SqliteTransaction | null)?.query(note("late"));
    await expect(late).rejects.toMatchObject({ code: "SINK", retryable: false });
    expect(await storage.findCompany("late")).toBeNull();
  });

  it("could take longer than a third of the lease, so that another process's heartbeat was too late", async () => {
    const { clock, storage } = await openTimed();
    const { settle } = await own(storage, 300);
    const entered = Promise.withResolvers<void>();
    const settling = settle(async () => {
      entered.resolve();
      await new Promise(() => undefined);
    });
    const refused = expect(settling).rejects.toThrow("more than 100 ms");
    await entered.promise;
    clock.advance(100);
    await refused;
  });

  it("let the lease of its own run expire, whose heartbeats wait for the transaction", async () => {
    const { clock, storage } = await openTimed();
    const { settle, lease } = await own(storage, 2000);
    clock.advance(500);
    await settle(async () => clock.advance(500));
    expect(await storage.findLease(lease.credentialId)).toMatchObject({ endsInMs: 2000 });
  });

  it("leaves nothing behind when it fails", async () => {
    const storage = sqliteStorage({ database: test.database });
    const { settle } = await own(storage);
    const failing = settle(async (transaction) => {
      await transaction.query(note("undone"));
      throw new Error("the sink is down");
    });
    await expect(failing).rejects.toThrow("the sink is down");
    expect(await storage.findCompany("undone")).toBeNull();
  });

  it("cannot hide from the caller what the database refused", async () => {
    const storage = sqliteStorage({ database: test.database });
    const { settle } = await own(storage);
    await expect(
      settle((transaction) => transaction.query("INSERT INTO companies VALUES (NULL, NULL, NULL)")),
    ).rejects.toMatchObject({ name: "RecordRefusedError", message: expect.stringContaining("companies.") });
  });
});

describe("a heartbeat", () => {
  it("queued behind everything else that this process had to write", async () => {
    const storage = sqliteStorage({ database: test.database });
    const { lease, settle } = await own(storage);
    const order: string[] = [];
    const entered = Promise.withResolvers<void>();
    const finishing = Promise.withResolvers<void>();
    const first = settle(async () => {
      entered.resolve();
      await finishing.promise;
    }).then(() => order.push("sink"));
    await entered.promise;
    const others = Array.from({ length: 3 }, () =>
      settle(async () => undefined).then(() => order.push("other")),
    );
    const beat = storage.renewLease({ lease, leaseMs: 60_000 }).then(() => order.push("heartbeat"));
    finishing.resolve();
    await Promise.all([first, ...others, beat]);
    expect(order).toEqual(["sink", "heartbeat", "other", "other", "other"]);
  });
});

it("blocked timers while it landed, claimed and read without a pause", async () => {
  const storage = sqliteStorage({ database: test.database });
  const { lease, scope } = await own(storage);
  let ticks = 0;
  const ticking = setInterval(() => {
    ticks += 1;
  }, 1);
  for (let batch = 0; batch < 60; batch += 1) {
    await storage.landRows({
      lease,
      scope,
      feed: "customers",
      source: "export",
      entities: Array.from({ length: 100 }, (_, index) => {
        const id = String(batch * 100 + index + 1);
        return { id, payload: `{"id":${id}}`, contentHash: id, usedHash: id, modifiedOn: null, links: {} };
      }),
      rejections: [],
      touches: [],
      repeated: 0,
      cursor: null,
      endsPage: true,
      markSeen: true,
      healsBefore: null,
    });
  }
  clearInterval(ticking);
  expect(ticks).toBeGreaterThan(2);
});

it("let anyone who has the file change audit entries", async () => {
  const storage = sqliteStorage({ database: test.database });
  const { settle } = await own(storage);
  const entry = {
    actor: "ada",
    action: "sync:start",
    subject: "run",
    outcome: "success",
    details: {},
  } as const;
  await storage.appendAudit({ ...entry, companyId: "append-only" });
  for (const text of ["UPDATE audit SET actor = 'eve'", "DELETE FROM audit"]) {
    await expect(settle((transaction) => transaction.query(text))).rejects.toThrow("a trigger refused it");
  }
  expect(await storage.pruneAudit({ before: Date.now() + 60_000, limit: 1000 })).toBeGreaterThan(0);
  const { items } = await storage.listAudit({ companyId: "append-only" }, { limit: 10 });
  expect(items).toEqual([]);
});
