import { describe, expect, it } from "vitest";
import { toRunMetrics } from "../ledger/run-metrics.js";
import { manualClock } from "../testing/manual-clock.js";
import { entity } from "../testing/storage/samples.js";
import { createTenant } from "../testing/storage/tenant-under-test.js";
import { memoryStorage } from "./memory-storage.js";

describe("performance of runs", () => {
  it("uses durations of successful runs, by nearest rank, and rows divided by their time", async () => {
    const clock = manualClock();
    const storage = memoryStorage({ clock });
    const tenant = await createTenant(storage);
    for (const seconds of [10, 1, 4, 3]) {
      const run = await tenant.begin();
      await run.land({ entities: [entity("1"), entity("2"), entity("3")], repeated: 6 });
      clock.advance(seconds * 1000);
      await run.end(seconds === 1 ? "partial" : "completed");
    }
    const slow = await tenant.begin();
    clock.advance(50_000);
    await slow.end("failed");

    expect(toRunMetrics(await storage.sumRuns({}))).toEqual({
      runs: 5,
      successRate: 0.8,
      p50DurationMs: 3000,
      p95DurationMs: 10_000,
      rowsPerSecond: 2,
    });
  });

  it("has no rate if the runs took no time", async () => {
    const storage = memoryStorage({ clock: manualClock() });
    await (await (await createTenant(storage)).begin()).end();
    expect(toRunMetrics(await storage.sumRuns({}))).toMatchObject({
      runs: 1,
      p50DurationMs: 0,
      rowsPerSecond: null,
    });
  });
});
