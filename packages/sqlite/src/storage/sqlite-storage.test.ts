import { describeStorage } from "@titan-sync/core/testing";
import { afterAll, describe, expect, it } from "vitest";
import { isScanOf, planSteps, recordStatements } from "../__fixtures__/query-plans.js";
import { createTestDatabase } from "../__fixtures__/test-database.js";
import { sqliteStorage } from "./sqlite-storage.js";

/** Tables that grow with what is synced. */
const large = [
  "entities",
  "entity_links",
  "work_items",
  "seen_entities",
  "delivered_records",
  "rejections",
  "stored_batches",
  "runs",
  "accepted_runs",
  "audit",
  "suppressions",
];

/** What reads as if it did, but ends early: a page of runs, the runs that are worked on, a page of the audit log. */
const bounded = [
  /^SCAN run: .*\(SELECT \* FROM runs run INDEXED BY \w+ .*LIMIT/,
  /^SCAN run USING INDEX runs_current: /,
  /^SCAN run: .* INDEXED BY runs_current .*LIMIT/,
  /^SCAN audit: .* ORDER BY entry_id DESC LIMIT/,
];

const statements = recordStatements();
afterAll(() => statements.end());

describeStorage({
  name: "storage on SQLite",
  setup: async () => {
    const { database, drop } = await createTestDatabase();
    return { storage: sqliteStorage({ database }), close: drop };
  },
});

describe("a statement of the storage on SQLite, without statistics", () => {
  it("scanned a whole growing table", async () => {
    const steps = await planSteps(statements.texts);
    const bad = steps
      .filter((step) => large.some((table) => isScanOf(step, table)))
      .map(({ line }) => line)
      .filter((line) => !bounded.some((pattern) => pattern.test(line)));
    expect(statements.texts.size).toBeGreaterThan(80);
    expect(bad).toEqual([]);
  });
});
