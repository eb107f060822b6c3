import { describe, expect, test } from "vitest";
import { ValidationError } from "../errors.js";
import { shippedCatalog } from "../records/definitions/definitions.js";
import { checkSyncRequest } from "./run-request.js";
import type { SyncRequest } from "./sync-request.js";

function issuesOf(request: object): readonly string[] {
  try {
    checkSyncRequest(shippedCatalog, { credentialId: "c", ...request } as SyncRequest);
  } catch (error) {
    if (error instanceof ValidationError) return error.issues;
    throw error;
  }
  return [];
}

describe("a sync request", () => {
  test("has defaults", () => {
    expect(checkSyncRequest(shippedCatalog, { credentialId: "c" })).toMatchObject({
      type: "manual",
      actor: "system",
      run: {
        data: "both",
        mode: "incremental",
        fresh: false,
        rederive: false,
        range: null,
        allowRemovals: false,
      },
    });
  });

  test.each([
    ["2026-01-31", "2026-01-31T00:00:00.000Z"],
    ["2026-01-31T08:30:00Z", "2026-01-31T08:30:00.000Z"],
    ["2026-01-31T08:30", "2026-01-31T08:30:00.000Z"],
    ["2026-01-31T08:30:00+02:00", "2026-01-31T06:30:00.000Z"],
  ])("accepts a date or an instant in UTC: %s", (from, expected) => {
    expect(checkSyncRequest(shippedCatalog, { credentialId: "c", from }).run.range).toEqual({
      from: expected,
      to: null,
      by: "modified",
    });
  });

  test.each([
    "yesterday",
    "2026-02-30",
    "2026-02-30T00:00:00Z",
    "2026-02-31T08:00",
    "2026-01-01T24:00:00Z",
    "2026-13-01",
    "01/31/2026",
    "",
    "2026",
    "1769846400",
  ])("refuses what is not a date: %j", (from) => {
    expect(issuesOf({ from })).toEqual([expect.stringMatching(/^from: expected a date/)]);
  });

  test.each([
    [{ from: "2026-02-01", to: "2026-02-01" }, /range is empty/],
    [{ by: "created" }, /^by: has no effect/],
    [{ from: "2026-01-01", by: "invoiced" }, /requires data "invoices"/],
    [{ from: "2026-01-01", mode: "full" }, /full pass reads everything/],
    [{ rederive: true, fresh: true }, /^rederive: does not call the API/],
    [{ data: "payments" }, /^data: /],
    [{ stopAfterMs: 0 }, /^stopAfterMs: /],
    [{ color: "blue" }, /color/],
  ])("refuses %j", (request, expected) => {
    expect(issuesOf(request)).toEqual([expect.stringMatching(expected)]);
  });

  test("lists all its problems at once", () => {
    expect(issuesOf({ from: "x", to: "y", rederive: true, fresh: true })).toHaveLength(3);
  });
});
