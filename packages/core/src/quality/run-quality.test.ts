import { describe, expect, it } from "vitest";
import { noFeedFigures, noRecordFigures } from "../ledger/figures.js";
import type { FeedFigures, RecordFigures, RunRequest } from "../ports/sync-run.js";
import { shippedCatalog } from "../records/definitions/definitions.js";
import { judgeRun, type MeasuredRun } from "./run-quality.js";

const request: RunRequest = {
  data: "both",
  mode: "incremental",
  fresh: false,
  rederive: false,
  range: null,
  allowRemovals: false,
};
const full: RunRequest = { ...request, mode: "full" };

function runOf(records: Partial<RecordFigures>, given: RunRequest = request): MeasuredRun {
  return { request: given, feeds: {}, records: { invoice: { ...noRecordFigures, ...records } } };
}

function fullRunOf(feed: string, figures: Partial<FeedFigures>, given = full): MeasuredRun {
  return { request: given, feeds: { [feed]: { ...noFeedFigures, ...figures } }, records: {} };
}

describe("The quality of a run", () => {
  const usual = runOf({ derived: 1000, delivered: 970, rejected: 30, counts: { "empty:zone": 97 } });

  it("is not reported while it is unchanged", () => {
    expect(judgeRun(shippedCatalog, usual, [usual, usual])).toEqual([]);
  });

  it.each([
    ["8.0 %", "3.0 %", runOf({ derived: 1000, delivered: 920, rejected: 80 }), []],
    ["8.1 %", "3.0 %", runOf({ derived: 1000, delivered: 919, rejected: 81 }), ["REJECTED_SHARE"]],
  ])("shows when %s of the records are rejected after %s", (_now, _before, run, codes) => {
    expect(judgeRun(shippedCatalog, run, [usual]).map(({ code }) => code)).toEqual(codes);
  });

  it.each([
    ["a first run", []],
    ["a run after too few records", [runOf({ derived: 99, rejected: 99 })]],
  ])("holds the rejections of %s against none, and says so", (_which, former) => {
    expect(judgeRun(shippedCatalog, runOf({ derived: 1000, delivered: 950, rejected: 50 }), former)).toEqual(
      [],
    );
    expect(judgeRun(shippedCatalog, runOf({ derived: 1000, delivered: 940, rejected: 60 }), former)).toEqual([
      {
        code: "REJECTED_SHARE",
        message:
          "6.0% of the invoice records were rejected; no earlier run had enough of them for a comparison.",
        count: 60,
      },
    ]);
  });

  it("shows that a column is empty much more often than before", () => {
    const run = runOf({
      derived: 400,
      delivered: 300,
      unchanged: 100,
      counts: { "empty:zone": 200, "warned:phones": 400 },
    });
    expect(judgeRun(shippedCatalog, run, [usual])).toEqual([
      {
        code: "EMPTY_COLUMN_SHARE",
        message: "zone is empty in 50.0% of the invoice records, compared with 10.0% in the previous runs.",
        count: 200,
      },
    ]);
    expect(judgeRun(shippedCatalog, run, [])).toEqual([]);
  });

  it("compares an added column only with runs that had it, even if it was always filled", () => {
    const run = runOf({ derived: 1000, delivered: 1000, counts: { "empty:completed_on": 300 } });
    const filled = runOf({ derived: 1000, delivered: 1000, counts: { "empty:completed_on": 0 } });
    expect(judgeRun(shippedCatalog, run, [usual])).toEqual([]);
    expect(judgeRun(shippedCatalog, run, [filled, usual])).toMatchObject([
      {
        code: "EMPTY_COLUMN_SHARE",
        message:
          "completed_on is empty in 30.0% of the invoice records, compared with 0.0% in the previous runs.",
      },
    ]);
  });

  it("is not judged by a handful of records", () => {
    expect(judgeRun(shippedCatalog, runOf({ derived: 99, rejected: 99 }), [usual])).toEqual([]);
    expect(
      judgeRun(shippedCatalog, runOf({ derived: 99, delivered: 99, counts: { "empty:zone": 99 } }), [usual]),
    ).toEqual([]);
  });

  it.each([
    [800, []],
    [799, ["ROW_COUNT"]],
    [1200, []],
    [1201, ["ROW_COUNT"]],
  ])("of a full run with %i rows after one with 1000 reports %j", (read, codes) => {
    const before = fullRunOf("invoices", { read: 1000, landed: 1000 });
    const incremental = fullRunOf("invoices", { read: 5 }, request);
    const run = fullRunOf("invoices", { read, landed: read });
    expect(judgeRun(shippedCatalog, run, [incremental, before]).map(({ code }) => code)).toEqual(codes);
  });

  it("shows that many rows of a full run repeat ids", () => {
    const run = fullRunOf("invoices", { read: 1000, landed: 940, superseded: 60 });
    expect(judgeRun(shippedCatalog, run, [])).toMatchObject([{ code: "REPEATED_IDS", count: 60 }]);
  });

  it("ignores rows of runs that do not read everything", () => {
    const before = fullRunOf("invoices", { read: 1000, landed: 1000 });
    for (const given of [
      request,
      { ...full, rederive: true },
      { ...full, range: { from: null, to: null, by: "modified" as const } },
    ]) {
      expect(
        judgeRun(shippedCatalog, fullRunOf("invoices", { read: 500, superseded: 400 }, given), [before]),
      ).toEqual([]);
    }
  });
});
