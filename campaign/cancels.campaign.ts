import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { createTestDatabase } from "../test/postgres/database.js";
import { isSample, report, seed } from "./support/campaign.js";
import { startWorker } from "./support/worker-process.js";
import type { CancelsMessage, CancelsPlan } from "./workers/cancels-plan.js";

const sinks = ["function", "jsonLinesSink", "csvSink", "PostgreSQL", "fetch"] as const;
const rounds = isSample ? 8 : 1000;

describe("a process whose runs are stopped at random moments", () => {
  test.each(sinks)("survives, and has everything in the end: %s", async (sink) => {
    const directory = await mkdtemp(path.join(tmpdir(), "titan-sync-cancels-"));
    const database = sink === "PostgreSQL" ? await createTestDatabase() : null;
    try {
      const plan: CancelsPlan = { sink, directory, databaseUrl: database?.url ?? null, rounds, seed };
      const worker = startWorker<CancelsMessage>("cancels", plan);
      // Rejects with the output if the process ends on its own.
      expect(await worker.gone).toBe("exited");
      const statuses = Map.groupBy(
        worker.messages.filter((message) => message.kind === "stopped"),
        ({ status }) => status,
      );
      report(`${sink}: ${[...statuses].map(([status, { length }]) => `${length} ${status}`).join(", ")}`);
      expect([...statuses.values()].flat()).toHaveLength(rounds);
      expect(worker.messages.at(-1)).toEqual({ kind: "ended", status: "completed", wrong: 0 });
    } finally {
      await database?.drop();
      await rm(directory, { recursive: true, force: true });
    }
  });
});
