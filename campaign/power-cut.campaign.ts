import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { migrate } from "@titan-sync/sqlite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDice, isSample, report, seed } from "./support/campaign.js";
import { lookAtSqlite } from "./support/places.js";
import { type SyncedLog, traceLog, whyNoTrace } from "./support/traced-log.js";
import { startWorker } from "./support/worker-process.js";
import type { PowerCutMessage, PowerCutPlan } from "./workers/power-cut-plan.js";

const cuts = isSample ? 3 : 100;
const tracedEntries = isSample ? 20 : 500;

/** The state after a power failure: the files as they are, and nothing that processes had in memory. */
test("everything acknowledged before a power failure is in the file afterwards", async () => {
  const dice = createDice("power failures");
  const root = await mkdtemp(path.join(tmpdir(), "titan-sync-power-cut-"));
  let entries = 0;
  try {
    for (let cut = 1; cut <= cuts; cut += 1) {
      const file = path.join(root, `${cut}.db`);
      const copy = path.join(root, `${cut}-copy.db`);
      await migrate({ path: file });
      const begun = Promise.withResolvers<void>();
      const plan: PowerCutPlan = { path: file, entries: null, durable: true };
      const worker = startWorker<PowerCutMessage>("power-cut", plan, () => begun.resolve());
      await begun.promise;
      await delay(dice.integer(0, 300));
      await worker.stop();
      // The index of the log is shared memory, which is gone.
      for (const end of ["", "-wal"]) await cp(`${file}${end}`, `${copy}${end}`);
      worker.kill();
      await worker.gone;
      const acknowledged = worker.messages.map((message) => String(message.acknowledged));
      await lookAtSqlite(copy, async ({ query }) => {
        const held = new Set((await query("SELECT subject FROM audit")).map((row) => row["subject"]));
        expect(acknowledged.filter((subject) => !held.has(subject))).toEqual([]);
      });
      entries += acknowledged.length;
    }
  } finally {
    await rm(root, { recursive: true, force: true });
  }
  report(`${cuts} power failures, ${entries} acknowledged entries, none lost (seed ${seed}).`);
});

describe("the system calls of a process that writes", () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(path.join(tmpdir(), "titan-sync-trace-"));
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  async function trace(name: string, durable: boolean): Promise<SyncedLog> {
    const file = path.join(root, `${name}.db`);
    await migrate({ path: file });
    const plan: PowerCutPlan = { path: file, entries: tracedEntries, durable };
    return await traceLog<PowerCutMessage>("power-cut", plan, `${file}-wal`);
  }

  test("show that the log was on the disk before a commit was acknowledged, and would show it if it was not", async () => {
    const whyNot = await whyNoTrace();
    if (whyNot !== null) return report(`Not traced: ${whyNot}`);
    const synced = await trace("durable", true);
    expect(synced.acknowledged).toBe(tracedEntries);
    expect(synced.tooEarly).toBe(0);
    expect(synced.syncs).toBeGreaterThanOrEqual(tracedEntries);
    const hasty = await trace("hasty", false);
    expect(hasty.acknowledged).toBe(tracedEntries);
    expect(hasty.tooEarly).toBeGreaterThan(0);
    report(
      `${synced.acknowledged} commits traced: ${synced.syncs} times the log was synced, none was acknowledged before. ` +
        `Without durability ${hasty.tooEarly} of ${hasty.acknowledged} were.`,
    );
  });
});
