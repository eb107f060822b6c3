import { describe, expect, it } from "vitest";
import { type SyncFlags, syncRequestOf } from "./sync-flags.js";

describe("the request of the sync command", () => {
  it("is passed on unchanged", () => {
    const flags: SyncFlags = { data: "both", mode: "full", allowRemovals: true, stopAfter: 30_000 };
    expect(syncRequestOf(flags)).toMatchObject({
      data: "both",
      mode: "full",
      allowRemovals: true,
      stopAfterMs: 30_000,
    });
  });

  it.each<[string, Partial<SyncFlags>, RegExp]>([
    ["a field without a range", { by: "created" }, /--by requires/],
    ["invoice dates of customers", { by: "invoiced", from: "2026-01-01" }, /--data invoices/],
    ["a range of a full sync", { mode: "full", to: "2026-01-01" }, /--mode full/],
    ["an empty range", { from: "2026-01-01", to: "2026-01-01" }, /--from must be before --to/],
    ["a fresh rederive", { rederive: true, fresh: true }, /--rederive/],
  ])("may not be %s", (_, flags, complaint) => {
    expect(() => syncRequestOf({ data: "both", ...flags })).toThrow(complaint);
  });

  it("reports all its contradictions at once", () => {
    expect(() => syncRequestOf({ data: "both", mode: "full", from: "2026-01-02", to: "2026-01-01" })).toThrow(
      /--mode full.*--from must be before/,
    );
  });
});
