import { statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { Worker } from "node:worker_threads";
import { expect, it, onTestFinished } from "vitest";
import { createTestDatabase } from "../__fixtures__/test-database.js";
import { sqliteStorage } from "../storage/sqlite-storage.js";

const megabyte = 1024 * 1024;
/** What the log may grow to, and what is written until the next look. */
const bound = (64 + 24) * megabyte;

async function open() {
  // What is asked here does not depend on the disk.
  const { database, path, drop } = await createTestDatabase({ durable: false });
  onTestFinished(drop);
  const storage = sqliteStorage({ database });
  const text = "x".repeat(megabyte / 2);
  return {
    path,
    storage,
    logBytes: () => statSync(`${path}-wal`).size,
    write: () =>
      storage.appendAudit({
        actor: "ann",
        action: "sync:start",
        subject: "s",
        companyId: "acme",
        outcome: "success",
        details: { text },
      }),
  };
}

/** Readers of other processes, whose transactions overlap: there is always one. */
const readers = `
  const { workerData: path, parentPort } = require("node:worker_threads");
  const { DatabaseSync } = require("node:sqlite");
  const pause = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  const both = [0, 1].map(() => new DatabaseSync(path, { readOnly: true, timeout: 5000 }));
  const begin = (reader) => {
    reader.exec("BEGIN");
    reader.prepare("SELECT count(*) FROM audit").get();
  };
  begin(both[0]);
  parentPort.postMessage("reading");
  for (let turn = 0; ; turn += 1) {
    pause(20);
    begin(both[(turn + 1) % 2]);
    pause(5);
    both[turn % 2].exec("COMMIT");
  }
`;

it("keeps the log bounded while others read without a gap and this process pages through everything", async () => {
  const { path, storage, write, logBytes } = await open();
  await write();
  const worker = new Worker(readers, { eval: true, workerData: path });
  onTestFinished(async () => void (await worker.terminate()));
  await new Promise((resolve) => worker.once("message", resolve));
  let largest = 0;
  let cursor: string | null = null;
  for (let count = 0; count < 320; count += 1) {
    await write();
    if (count % 8 === 0) cursor = (await storage.listAudit({}, { limit: 5, cursor })).next;
    largest = Math.max(largest, logBytes());
  }
  expect(largest).toBeLessThan(bound);
});

it("makes the log small again after a backup, which holds the state of one moment", async () => {
  const { path, write, logBytes } = await open();
  const backup = new DatabaseSync(path, { readOnly: true });
  backup.exec("BEGIN");
  backup.prepare("SELECT count(*) FROM audit").get();
  for (let count = 0; count < 240; count += 1) await write();
  expect(logBytes()).toBeGreaterThan(100 * megabyte);
  backup.close();
  for (let count = 0; count < 64; count += 1) await write();
  expect(logBytes()).toBeLessThan(bound);
});
