import { describe, expect, it } from "vitest";
import type { DeliveredRecord, SettledItem, StagedBatch } from "../ports/delivery-store.js";
import type { BatchItem } from "../ports/record-sink.js";
import { feeds } from "../records/definitions/definitions.js";
import type { RecordType } from "../records/record.js";
import { parseContent, toStoredBatch } from "../sync/deliver/batch-content.js";
import { invoiceRecord, memberRecord } from "../testing/sample-records.js";
import { type WithdrawParams, withdrawRecords } from "./withdraw-records.js";

const scope = { companyId: "acme", environment: "production", tenantId: "1" } as const;

function withdraw(record: RecordType, given: Partial<WithdrawParams> = {}) {
  const ids = record === "member" ? ["7"] : ["70", "9"];
  return withdrawRecords({
    record,
    driver: record === "member" ? feeds.customers : feeds.invoices,
    customers: new Set(["7"]),
    ids: new Set(ids),
    delivered: [],
    minRevision: 0,
    batches: [],
    ...given,
  });
}

function delivered(id: string, revision: number, removed = false): DeliveredRecord {
  return { id, contentHash: removed ? null : "hash", revision, removed };
}

function batchOf(
  record: RecordType,
  items: readonly BatchItem[],
  settled: readonly SettledItem[],
): StagedBatch {
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
  it("removes delivered records that still exist, under the next revision, in order of ids", () => {
    expect(withdraw("invoice", { delivered: [delivered("70", 1), delivered("9", 4)] })).toEqual({
      removals: [
        { record: "invoice", id: "9", revision: 5 },
        { record: "invoice", id: "70", revision: 2 },
      ],
      batches: [],
      named: new Set(),
    });
  });

  it("removes nothing for records that were already removed or never delivered", () => {
    expect(withdraw("member", { delivered: [delivered("7", 3, true)] }).removals).toEqual([]);
  });

  it("uses a higher revision than a lost table may have assigned", () => {
    const { removals } = withdraw("member", { delivered: [delivered("7", 3)], minRevision: 1000 });
    expect(removals).toEqual([{ record: "member", id: "7", revision: 1000 }]);
  });

  it("uses a higher revision than that of a batch that may have arrived", () => {
    const { removals } = withdraw("member", {
      delivered: [delivered("7", 3, true)],
      batches: [batchOf("member", [memberItem("7", 4)], [settledMember("7", 4)])],
    });
    expect(removals).toEqual([{ record: "member", id: "7", revision: 5 }]);
  });

  it("leaves no personal data in a stored batch, and does not change others' items", () => {
    const other = memberItem("8", 1);
    const stored = batchOf(
      "member",
      [memberItem("7", 4), other],
      [settledMember("7", 4), settledMember("8", 1)],
    );
    const [cleaned] = withdraw("member", { batches: [stored] }).batches;
    const content = parseContent(cleaned as StagedBatch);
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
    const { removals, batches } = withdraw("invoice", { batches: [stored] });
    expect(removals).toEqual([]);
    expect(batches[0]?.content).not.toContain("private");
    expect(parseContent(batches[0] as StagedBatch).settled).toEqual([
      { id: "9", sequence: 3, outcome: "left-out" },
    ]);
  });

  it("does not change batches of other customers", () => {
    const stored = batchOf("member", [memberItem("8", 1)], [settledMember("8", 1)]);
    expect(withdraw("member", { batches: [stored] })).toMatchObject({ removals: [], batches: [] });
  });

  it("finds records in a stored batch that were the customer's when derived and are another's now", () => {
    const record = { ...invoiceRecord(scope, "5", "Jane Private"), customer_id: "7" };
    const rejection = {
      feed: "invoices",
      entityId: "6",
      stage: "record",
      rules: ["names"],
      message: "no name",
      payload: '{"id":6,"customer":{"id":7,"name":"private"}}',
    } as const;
    const stored = batchOf(
      "invoice",
      [{ op: "upsert", key: "5", revision: 3, record }],
      [
        {
          id: "5",
          sequence: 3,
          outcome: "upserted",
          revision: 3,
          contentHash: "h",
          record: JSON.stringify(record),
        },
        { id: "6", sequence: 4, outcome: "rejected", rejection },
      ],
    );
    const { removals, batches, named } = withdraw("invoice", { batches: [stored] });
    expect([...named]).toEqual(["5", "6"]);
    expect(removals).toEqual([{ record: "invoice", id: "5", revision: 4 }]);
    expect(batches[0]?.content.toLowerCase()).not.toContain("private");
  });

  it("finds a rejected row whose feed names its customer by an id", () => {
    const rejection = {
      feed: "jobs",
      entityId: "6",
      stage: "record",
      rules: ["required"],
      message: "required and empty: summary",
      payload: '{"id":6,"customerId":7,"summary":"private"}',
    } as const;
    const stored = batchOf("job", [], [{ id: "6", sequence: 4, outcome: "rejected", rejection }]);
    const { named, batches } = withdraw("job", { driver: feeds.jobs, ids: new Set(), batches: [stored] });
    expect([...named]).toEqual(["6"]);
    expect(batches[0]?.content).not.toContain("private");
  });
});
