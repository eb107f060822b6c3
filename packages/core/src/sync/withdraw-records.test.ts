import { describe, expect, it } from "vitest";
import type { CustomerData } from "../ports/erasure-store.js";
import type { BatchItem } from "../ports/record-sink.js";
import type { DeliveredRecord, SettledItem, StoredBatch } from "../ports/sync-store.js";
import type { RecordType } from "../records/record.js";
import { invoiceRecord, memberRecord } from "../testing/sample-records.js";
import { parseContent, toStoredBatch } from "./batch-content.js";
import { plansFor } from "./record-plan.js";
import { withdrawRecords } from "./withdraw-records.js";

const scope = { companyId: "acme", environment: "production", tenantId: "1" } as const;
const plans = plansFor("both");

function dataOf(given: Partial<CustomerData> = {}): CustomerData {
  return {
    entities: new Map([
      ["customers", ["7"]],
      ["invoices", ["70", "9"]],
    ]),
    delivered: new Map(),
    batches: [],
    leastRevision: 0,
    ...given,
  };
}

function delivered(id: string, revision: number, removed = false): DeliveredRecord {
  return { id, contentHash: removed ? null : "hash", revision, removed };
}

function batchOf(
  record: RecordType,
  items: readonly BatchItem[],
  settled: readonly SettledItem[],
): StoredBatch {
  return toStoredBatch({
    batch: { id: "batch", runId: "run", credentialId: "credential", scope, record, items },
    feed: record === "member" ? "customers" : "invoices",
    settled,
    warned: 0,
    isErasure: false,
  });
}

const memberItem = (key: string, revision: number): BatchItem => ({
  op: "upsert",
  key,
  revision,
  record: memberRecord(scope, key, "Jane Private"),
});

const settledMember = (id: string, revision: number): SettledItem => ({
  id,
  sequence: 3,
  outcome: "upserted",
  revision,
  contentHash: "hash",
  record: JSON.stringify(memberRecord(scope, id, "Jane Private")),
});

describe("withdrawing records", () => {
  it("removes what was delivered and is still there, under the next revision, in order of ids", () => {
    const found = dataOf({
      delivered: new Map([
        ["member", [delivered("7", 3)]],
        ["invoice", [delivered("70", 1), delivered("9", 4)]],
      ]),
    });
    expect(withdrawRecords(found, plans)).toEqual({
      removals: [
        { record: "member", id: "7", revision: 4 },
        { record: "invoice", id: "9", revision: 5 },
        { record: "invoice", id: "70", revision: 2 },
      ],
      batches: [],
    });
  });

  it("has nothing to remove of records that were removed or never delivered", () => {
    const found = dataOf({ delivered: new Map([["member", [delivered("7", 3, true)]]]) });
    expect(withdrawRecords(found, plans).removals).toEqual([]);
  });

  it("goes beyond what a table that is gone may have given", () => {
    const found = dataOf({ delivered: new Map([["member", [delivered("7", 3)]]]), leastRevision: 1000 });
    expect(withdrawRecords(found, plans).removals).toEqual([{ record: "member", id: "7", revision: 1000 }]);
  });

  it("goes beyond the revision of a batch that may have arrived", () => {
    const found = dataOf({
      delivered: new Map([["member", [delivered("7", 3, true)]]]),
      batches: [batchOf("member", [memberItem("7", 4)], [settledMember("7", 4)])],
    });
    expect(withdrawRecords(found, plans).removals).toEqual([{ record: "member", id: "7", revision: 5 }]);
  });

  it("leaves no personal data in a stored batch, and others' items as they are", () => {
    const other = memberItem("8", 1);
    const stored = batchOf(
      "member",
      [memberItem("7", 4), other],
      [settledMember("7", 4), settledMember("8", 1)],
    );
    const [cleaned] = withdrawRecords(dataOf({ batches: [stored] }), plans).batches;
    const content = parseContent(cleaned as StoredBatch);
    expect(cleaned?.id).toBe("batch");
    expect(content.batch.items).toEqual([{ op: "remove", key: "7", revision: 4 }, other]);
    expect(content.settled).toEqual([
      { id: "7", sequence: 3, outcome: "removed", revision: 4 },
      settledMember("8", 1),
    ]);
  });

  it("drops the payload of a record that was rejected in a stored batch", () => {
    const rejection = {
      feed: "invoices",
      entityId: "9",
      stage: "record",
      rules: ["names"],
      message: "no name",
      payload: '{"summary":"private"}',
    } as const;
    const record = invoiceRecord(scope, "8", "Somebody Else");
    const stored = batchOf(
      "invoice",
      [{ op: "upsert", key: "8", revision: 1, record }],
      [{ id: "9", sequence: 3, outcome: "rejected", rejection }],
    );
    const { removals, batches } = withdrawRecords(dataOf({ batches: [stored] }), plans);
    expect(removals).toEqual([]);
    expect(batches[0]?.content).not.toContain("private");
    expect(parseContent(batches[0] as StoredBatch).settled).toEqual([
      { id: "9", sequence: 3, outcome: "left-out" },
    ]);
  });

  it("does not touch batches of others", () => {
    const stored = batchOf("member", [memberItem("8", 1)], [settledMember("8", 1)]);
    expect(withdrawRecords(dataOf({ batches: [stored] }), plans)).toEqual({ removals: [], batches: [] });
  });
});
