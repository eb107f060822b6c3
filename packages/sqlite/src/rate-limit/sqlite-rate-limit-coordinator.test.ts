import { describeRateLimitCoordinator } from "@titan-sync/core/testing";
import { afterAll, expect, it } from "vitest";
import { createTestDatabase, temporaryPath } from "../__fixtures__/test-database.js";
import { sqliteRateLimitCoordinator } from "./sqlite-rate-limit-coordinator.js";

const { path, remove } = temporaryPath();
// As two processes have them.
const coordinators = [sqliteRateLimitCoordinator({ path }), sqliteRateLimitCoordinator({ path })] as const;
afterAll(async () => {
  for (const coordinator of coordinators) await coordinator.close();
  remove();
});

describeRateLimitCoordinator({ name: "rate limit coordinator on SQLite", setup: () => coordinators });

it("refuses a storage's file, where calls would wait for its writers", async () => {
  const database = await createTestDatabase();
  expect(() => sqliteRateLimitCoordinator({ path: database.path })).toThrow("not a file of budgets");
  await database.drop();
});
