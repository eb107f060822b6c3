import { type Clock, ConflictError, type NewCredential, systemClock } from "@titan-sync/core";
import { openRun } from "@titan-sync/core/testing";
import { expect, it, onTestFinished } from "vitest";
import { createTestDatabase } from "../__fixtures__/test-database.js";
import { openSqlite } from "../index.js";
import { migrate } from "../migrations/migrate.js";
import { sqliteStorage } from "../storage/sqlite-storage.js";
import { moveOut } from "./move-out.js";

const target = "postgresql://db.example/titan";

const credential: NewCredential = {
  id: "credential-1",
  companyId: "acme",
  environment: "production",
  tenantId: "1",
  clientId: "a",
  clientSecret: "b",
  appKey: "c",
  status: "connected",
};

async function open() {
  let now = 1_000_000;
  const clock: Clock = { ...systemClock, now: () => now };
  const test = await createTestDatabase({ clock });
  onTestFinished(() => test.drop());
  const storage = sqliteStorage({ database: test.database });
  return {
    ...test,
    storage,
    write: () => storage.saveCompany("acme", { trade: "HVAC" }),
    pass: (ms: number) => {
      now += ms;
    },
  };
}

it("refuses all writers while it is in progress, even in other processes, but no readers", async () => {
  const { database, path, storage, write } = await open();
  await write();
  await moveOut({ database, target });
  await expect(write()).rejects.toThrow(`The data is being moved to ${target}`);
  const other = openSqlite({ path, clock: { ...systemClock, now: () => 1_000_001 } });
  await expect(sqliteStorage({ database: other }).saveCompany("b", { trade: null })).rejects.toBeInstanceOf(
    ConflictError,
  );
  await other.close();
  expect(await storage.findCompany("acme")).toEqual({ trade: "HVAC" });
});

it("refuses all writes after it has finished, and says where the data is", async () => {
  const { database, write, pass } = await open();
  const move = await moveOut({ database, target });
  await move.finish();
  pass(1_000_000);
  await expect(write()).rejects.toThrow(`The data was moved to ${target}`);
  expect(await moveOut({ database, target })).toMatchObject({ moveId: move.moveId, isFinished: true });
  await expect(moveOut({ database, target: "postgresql://elsewhere/titan" })).rejects.toThrow(target);
  expect(await migrate({ database })).toEqual([]);
});

it("continues as the same move after a stop, as long as nobody has written", async () => {
  const { database, write } = await open();
  const move = await moveOut({ database, target });
  await move.release();
  const again = await moveOut({ database, target });
  expect(again).toMatchObject({ moveId: move.moveId, sourceId: move.sourceId });
  await again.release();
  await write();
  const second = await moveOut({ database, target });
  expect(second.sourceId).toBe(move.sourceId);
  expect(second.moveId).not.toBe(move.moveId);
});

it("does not finish when it was silent and rows were written meanwhile", async () => {
  const { database, write, pass } = await open();
  const move = await moveOut({ database, target });
  pass(20_000);
  await write();
  await expect(move.renew()).rejects.toThrow("Rows were written here while they were being moved.");
  await expect(move.finish()).rejects.toBeInstanceOf(ConflictError);
  await write();
});

it("waits for a move in another process, which states how long it may take", async () => {
  const { database, pass } = await open();
  const move = await moveOut({ database, target, holdMs: 15_000 });
  pass(5_000);
  await expect(moveOut({ database, target })).rejects.toMatchObject({ leaseEndsInMs: 10_000 });
  await move.renew();
  await expect(moveOut({ database, target })).rejects.toMatchObject({ leaseEndsInMs: 15_000 });
});

it("does not begin while a run has its lease", async () => {
  const { database, storage, pass } = await open();
  await storage.createCredential(credential);
  const scope = { companyId: "acme", environment: "production", tenantId: "1" } as const;
  await openRun(storage, { runId: "run-1", credentialId: "credential-1", scope });
  await expect(moveOut({ database, target })).rejects.toMatchObject({
    leaseEndsInMs: 30_000,
    runId: "run-1",
  });
  pass(30_000);
  await moveOut({ database, target });
});
