import { DatabaseSync } from "node:sqlite";
import { describeStorage } from "@titan-sync/core/testing";
import { afterAll, describe, expect, it, vi } from "vitest";
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

/** Every statement that the suite runs, without those that SQLite runs inside. */
const texts = new Set<string>();
const { prepare } = DatabaseSync.prototype;
const spy = vi.spyOn(DatabaseSync.prototype, "prepare").mockImplementation(function (
  this: DatabaseSync,
  text,
) {
  texts.add(text);
  return prepare.call(this, text);
});
afterAll(() => spy.mockRestore());

describeStorage({
  name: "storage on SQLite",
  setup: async () => {
    const { database, drop } = await createTestDatabase();
    return { storage: sqliteStorage({ database }), close: drop };
  },
});

describe("a statement of the storage on SQLite, without statistics", () => {
  it("scanned a whole growing table", async () => {
    const test = await createTestDatabase();
    const explaining = new DatabaseSync(test.path);
    const bad = [...texts].flatMap((text) => {
      if (!/^\s*(?:SELECT|WITH|INSERT|UPDATE|DELETE)/.test(text)) return [];
      return plansOf(explaining, text)
        .filter((plan) => large.some((table) => isScanOf(plan, table, text)))
        .map((plan) => `${plan}: ${text.replaceAll(/\s+/g, " ")}`)
        .filter((line) => !bounded.some((pattern) => pattern.test(line)));
    });
    explaining.close();
    await test.drop();
    expect(texts.size).toBeGreaterThan(80);
    expect(bad).toEqual([]);
  });
});

function plansOf(database: DatabaseSync, text: string): readonly string[] {
  return prepare
    .call(database, `EXPLAIN QUERY PLAN ${text}`)
    .all(...parametersOf(text))
    .map((row) => String(row["detail"]));
}

/** As many nothings as the text has parameters. */
function parametersOf(text: string): readonly null[] {
  const numbers = [...text.matchAll(/\?(\d+)/g)].map(([, number]) => Number(number));
  const plain = [...text.matchAll(/\?(?!\d)/g)].length;
  return Array.from({ length: Math.max(0, plain, ...numbers) }, () => null);
}

/** Whether a step of a plan reads all of a table, under whatever name the statement has for it. */
function isScanOf(plan: string, table: string, text: string): boolean {
  const [, name] = /^SCAN (\w+)/.exec(plan) ?? [];
  if (name === undefined) return false;
  return name === table || new RegExp(`\\b${table}(?: AS)? ${name}\\b`).test(text);
}
