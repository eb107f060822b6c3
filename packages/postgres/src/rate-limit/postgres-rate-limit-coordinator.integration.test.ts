import type { RateLimitCoordinator } from "@titan-sync/core";
import { describeRateLimitCoordinator } from "@titan-sync/core/testing";
import { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../../test/postgres/database.js";
import { postgresRateLimitCoordinator } from "./postgres-rate-limit-coordinator.js";

let database: TestDatabase;
/** As another process would have it. */
let otherPool: Pool;
let one: RateLimitCoordinator;
let other: RateLimitCoordinator;
beforeAll(async () => {
  database = await createTestDatabase();
  otherPool = new Pool({ connectionString: database.url, max: 4 });
  one = postgresRateLimitCoordinator({ pool: database.pool });
  other = postgresRateLimitCoordinator({ pool: otherPool });
});
afterAll(async () => {
  await otherPool.end();
  await database.drop();
});

describeRateLimitCoordinator({ name: "rate limit coordinator on PostgreSQL", setup: () => [one, other] });

describe("a budget in PostgreSQL", () => {
  const budget = {
    key: "one",
    ratePerSecond: 50,
    wanted: 1,
    slotLifeMs: 40,
    priority: "background",
  } as const;
  const moveTime = (column: string, ms: number, key: string = budget.key) =>
    database.pool.query(
      `UPDATE titan_sync.rate_limits SET ${column} = ${column} + $2 * interval '1 millisecond'
      WHERE budget_key = $1`,
      [key, ms],
    );

  it("assigns a slot once, to any number of simultaneous callers", async () => {
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_ask, index) =>
        (index % 2 === 0 ? one : other).reserve({
          ...budget,
          key: "contended",
          wanted: 2,
          priority: "interactive",
        }),
      ),
    );
    const slots = answers.flatMap((answer) => answer.slots).sort((a, b) => a - b);
    expect(slots).toHaveLength(120);
    const gaps = slots.slice(1).map((slot, index) => slot - (slots[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThan(20.79);
  });

  it("recovers by a tenth every ten seconds after the pause", async () => {
    await one.throttle({ ...budget, pauseMs: 60_000 });
    await moveTime("paused_until", -60_000);
    expect((await other.reserve(budget)).ratePerSecond).toBe(25);
    await moveTime("lowered_since", -70_000);
    expect((await other.reserve(budget)).ratePerSecond).toBe(30);
    await moveTime("lowered_since", -40_000);
    expect((await other.reserve(budget)).ratePerSecond).toBe(50);
  });

  it("goes when nobody has used it for a day and another one is made", async () => {
    const hour = 3_600_000;
    const keys = async (): Promise<readonly string[]> => {
      const { rows } = await database.pool.query<{ budget_key: string }>(
        "SELECT budget_key FROM titan_sync.rate_limits",
      );
      return rows.map((row) => row.budget_key);
    };
    for (const key of ["unused", "recent"]) await one.reserve({ ...budget, key });
    await moveTime("next_slot_at", -25 * hour, "unused");
    await moveTime("next_slot_at", -23 * hour, "recent");
    await other.reserve({ ...budget, key: "new" });
    expect(await keys()).toEqual(expect.arrayContaining(["recent", "new"]));
    expect(await keys()).not.toContain("unused");
  });

  it("is not blocked by a clock that was set back", async () => {
    await one.reserve(budget);
    await moveTime("next_slot_at", 3_600_000);
    const { slots, at } = await one.reserve(budget);
    expect(slots).toEqual([at]);
  });
});
