import { describe, expect, it } from "vitest";
import { someContext, someInvoice, someMember } from "./__fixtures__/entities.js";
import { recordColumns } from "./column-names.js";
import { mapInvoice } from "./map-invoice.js";
import { mapMember } from "./map-member.js";
import type { HostRecord } from "./record.js";
import { contentOf as contentWith, recordHash as hashWith } from "./record-content.js";

const records = [
  ["member", recordOf(mapMember(someMember(), someContext()))],
  ["invoice", recordOf(mapInvoice(someInvoice(), someContext()))],
] as const;

describe.each(records)("The content of a %s record", (type, record) => {
  const contentOf = (each: HostRecord) => contentWith(each, recordColumns[type]);
  const recordHash = (each: HostRecord) => hashWith(each, recordColumns[type]);

  it("does not depend on version and import id", () => {
    const later = { ...record, ...("version" in record && { version: "1" }), hub_plus_import_id: null };
    expect(contentOf(later)).toBe(contentOf(record));
    expect(recordHash(later)).toBe(recordHash(record));
  });

  it("does not depend on the order of its columns", () => {
    const reversed = Object.fromEntries(Object.entries(record).toReversed()) as unknown as HostRecord;
    expect(contentOf(reversed)).toBe(contentOf(record));
  });

  it("depends on every other column", () => {
    const others = recordColumns[type].filter(
      (column) => !["version", "hub_plus_import_id"].includes(column),
    );
    const hashes = others.map((column) => recordHash({ ...record, [column]: "changed" }));
    expect(new Set([recordHash(record), ...hashes]).size).toBe(others.length + 1);
  });

  it("distinguishes null from the word null, and values from their neighbors'", () => {
    expect(contentOf({ ...record, unit: "null" })).not.toBe(contentOf({ ...record, unit: null }));
    expect(contentOf({ ...record, unit: "a", city: null })).not.toBe(
      contentOf({ ...record, unit: null, city: "a" }),
    );
  });

  it("survives being stored as JSON", () => {
    expect(contentOf(JSON.parse(JSON.stringify(record)) as HostRecord)).toBe(contentOf(record));
  });
});

function recordOf(outcome: ReturnType<typeof mapMember> | ReturnType<typeof mapInvoice>): HostRecord {
  if (outcome.kind === "rejected") throw new Error("A flawless entity was rejected.");
  return outcome.record;
}
