import { describe, expect, it } from "vitest";
import type { DeliveredRecord, ExportedRecord, SettledItem } from "../ports/delivery-store.js";
import { memberRecord } from "../testing/sample-records.js";
import { createDiffCollector } from "./dry-run-diff.js";

const scope = { companyId: "acme", environment: "production", tenantId: "1" } as const;
const members = { scope, record: "member", feed: "customers" } as const;

/** A store that holds a record of the same name for each id, and counts how often it is asked. */
function storeOf(name: string) {
  const store = {
    asked: [] as (readonly string[])[],
    async findCurrentRecords({
      ids,
    }: {
      readonly ids: readonly string[];
    }): Promise<readonly ExportedRecord[]> {
      store.asked.push(ids);
      return ids.map((id) => ({ scope, id, record: JSON.stringify(memberRecord(scope, id, name)) }));
    },
  };
  return store;
}

const upserted = (id: string, name: string): SettledItem => ({
  id,
  sequence: 1,
  outcome: "upserted",
  revision: 2,
  contentHash: "hash",
  record: JSON.stringify({ ...memberRecord(scope, id, name), version: "other" }),
});

const there = (id: string): DeliveredRecord => ({ id, contentHash: "old", revision: 1, removed: false });

describe("the diff of a dry run", () => {
  it("distinguishes inserts from updates by what exists, not counting removed records", async () => {
    const collector = createDiffCollector(storeOf("Before"));
    await collector.record(
      members,
      [upserted("1", "After"), upserted("2", "After"), upserted("3", "After")],
      [there("1"), { id: "2", contentHash: null, revision: 4, removed: true }],
    );
    expect(collector.diff()).toMatchObject({ insert: 2, update: 1 });
  });

  it("names the columns that change, except the version", async () => {
    const collector = createDiffCollector(storeOf("Before"));
    await collector.record(members, [upserted("1", "After")], [there("1")]);
    const [sample] = collector.diff().samples;
    expect(sample).toMatchObject({ operation: "update", key: "1", changed: ["customer_name"] });
    expect(sample?.before?.customer_name).toBe("Before");
    expect(sample?.after?.customer_name).toBe("After");
  });

  it("counts unchanged, removed and rejected records, but not those left out", async () => {
    const rejection = {
      feed: "customers",
      entityId: "4",
      stage: "record",
      rules: ["names"],
      message: "no name",
      payload: null,
    } as const;
    const collector = createDiffCollector(storeOf("Before"));
    await collector.record(
      members,
      [
        { id: "1", sequence: 1, outcome: "unchanged" },
        { id: "2", sequence: 1, outcome: "left-out" },
        { id: "3", sequence: 1, outcome: "removed", revision: 2 },
        { id: "4", sequence: 1, outcome: "rejected", rejection },
      ],
      [there("3")],
    );
    const { samples, ...counts } = collector.diff();
    expect(counts).toEqual({ insert: 0, update: 0, unchanged: 1, remove: 1, reject: 1 });
    expect(samples.map(({ operation, key, rules }) => [operation, key, rules])).toEqual([
      ["remove", "3", []],
      ["reject", "4", ["names"]],
    ]);
  });

  it("keeps ten samples of each kind and counts the rest", async () => {
    const store = storeOf("Before");
    const collector = createDiffCollector(store);
    for (let batch = 0; batch < 3; batch += 1) {
      const items = Array.from({ length: 8 }, (_, index) => upserted(String(batch * 8 + index), "After"));
      await collector.record(members, items, []);
    }
    expect(collector.diff().insert).toBe(24);
    expect(collector.diff().samples).toHaveLength(10);
    expect(store.asked.map((ids) => ids.length)).toEqual([8, 2]);
  });
});
