import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { migrate } from "@titan-sync/sqlite";
import { expect, test } from "vitest";
import { createDice, isSample, report, seed } from "./support/campaign.js";
import { lookAtSqlite } from "./support/places.js";
import { startWorker } from "./support/worker-process.js";
import type { PowerCutMessage, PowerCutPlan } from "./workers/power-cut-plan.js";

const cuts = isSample ? 3 : 100;

/** Where a power cut leaves a machine: with the files as they are, and nothing of what processes had in memory. */
test("everything acknowledged before a power failure is in the file afterwards", async () => {
  const dice = createDice("power cuts");
  const root = await mkdtemp(path.join(tmpdir(), "titan-sync-power-cut-"));
  let entries = 0;
  try {
    for (let cut = 1; cut <= cuts; cut += 1) {
      const file = path.join(root, `${cut}.db`);
      const copy = path.join(root, `${cut}-copy.db`);
      await migrate({ path: file });
      const begun = Promise.withResolvers<void>();
      const plan: PowerCutPlan = { path: file };
      const worker = startWorker<PowerCutMessage>("power-cut", plan, () => begun.resolve());
      await begun.promise;
      await delay(dice.integer(0, 300));
      await worker.stop();
      // The index of the log is memory that processes share: it is gone.
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
  report(`${cuts} power cuts, ${entries} acknowledged entries, none lost (seed ${seed}).`);
});
