import { postgresStorage } from "@titan-sync/postgres";
import { expect, test } from "vitest";
import { quickHeartbeats, safeLeaseMs } from "../../packages/core/src/__fixtures__/quick-heartbeats.js";
import { createTestDatabase } from "../postgres/database.js";
import { createWorld, type World } from "./world.js";

/** A run whose sink shares the storage's transaction and never comes back from it. */
async function withHangingSink(
  work: (world: World, query: () => Promise<unknown>) => Promise<void>,
  hang: (transaction: { query(text: string): Promise<unknown> }) => Promise<never>,
): Promise<void> {
  const { pool, drop } = await createTestDatabase();
  const storage = postgresStorage({ pool, timeoutMs: 3000 });
  let late: (() => Promise<unknown>) | null = null;
  const sink = {
    database: pool,
    write: async () => ({ rejected: [] }),
    async writeIn(transaction: unknown): Promise<never> {
      const open = transaction as { query(text: string): Promise<unknown> };
      late = () => open.query("SELECT 1");
      return await hang(open);
    },
  };
  const world = await createWorld(
    { storage, sink, totals: "decimal", records: async () => new Map(), close: () => storage.close() },
    { titan: { leaseMs: safeLeaseMs, clock: quickHeartbeats, sinkTimeoutMs: 1000 } },
  );
  try {
    await work(world, async () => await late?.());
  } finally {
    await world.titan.close();
    await storage.close();
    await drop();
  }
}

test.each([
  ["waits for something else", () => new Promise<never>(() => undefined)],
  [
    "waits for a statement",
    async (open: { query(text: string): Promise<unknown> }) => {
      await open.query("SELECT pg_sleep(30)");
      return await new Promise<never>(() => undefined);
    },
  ],
])(
  "a sink that hangs in the storage's transaction and %s fails the run, whose lease ends",
  async (_how, hang) => {
    await withHangingSink(async (world, query) => {
      const result = await world.sync({ data: "customers" });
      expect(result).toMatchObject({
        status: "failed",
        error: { code: "SINK", message: "The record sink did not return within 1000 ms." },
      });
      await expect(query()).rejects.toMatchObject({ code: "SINK", message: "The transaction is over." });
      // Another run begins at once, and is stopped without the sink's help.
      const run = await world.titan.sync({ credentialId: world.credentialId, data: "customers" });
      await run.cancel();
      expect(["cancelled", "failed"]).toContain((await run.result).status);
    }, hang);
  },
);
