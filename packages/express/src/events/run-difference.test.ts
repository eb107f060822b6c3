import type { FeedFigures, FeedName } from "@titan-sync/core";
import { expect, it } from "vitest";
import { feedFigures, recordFigures, storedRun } from "../__fixtures__/stored-run.js";
import { eventsBetween } from "./run-difference.js";

const feeds = (read: Partial<Record<FeedName, number>>) =>
  Object.fromEntries(Object.entries(read).map(([feed, rows]) => [feed, feedFigures(rows ?? 0)])) as Record<
    FeedName,
    FeedFigures
  >;

const names = (events: ReturnType<typeof eventsBetween>) => events.map((event) => event.event);

it("sends a new reader the state of a run in progress", () => {
  const run = storedRun({ feeds: feeds({ customers: 7, zones: 0 }), records: { member: recordFigures(3) } });
  const events = eventsBetween(null, run);
  expect(names(events)).toEqual(["run:start", "batch:landed", "batch:delivered"]);
  expect(events[0]).toMatchObject({ at: run.startedAt, resumed: false, runId: run.id, companyId: "acme" });
  expect(events[1]).toMatchObject({ feed: "customers", figures: { read: 7 }, at: run.updatedAt });
});

it("says that a run replays or derives again", () => {
  const { request } = storedRun();
  const start = (given: Partial<typeof request>) =>
    eventsBetween(null, storedRun({ request: { ...request, ...given } }))[0];
  expect(start({})).toMatchObject({ rederive: false, replay: false });
  expect(start({ rederive: true })).toMatchObject({ rederive: true, replay: false });
  expect(start({ replay: true })).toMatchObject({ rederive: false, replay: true });
});

it("reports what has changed between two polls, and nothing if nothing has", () => {
  const before = storedRun({ feeds: feeds({ customers: 7, jobs: 2 }) });
  const now = storedRun({ feeds: feeds({ customers: 9, jobs: 2 }), updatedAt: 3_000 });
  expect(eventsBetween(before, now)).toMatchObject([{ event: "batch:landed", feed: "customers", at: 3_000 }]);
  expect(eventsBetween(now, structuredClone(now))).toEqual([]);
});

it("reports the end of a run with its totals", () => {
  const before = storedRun();
  const warnings = [{ code: "CODE", message: "Look at this.", count: 2 }];
  const records = { member: recordFigures(3), invoice: recordFigures(4) };
  const now = storedRun({ status: "partial", completedAt: 5_000, updatedAt: 5_000, records, warnings });
  expect(eventsBetween(before, now).at(-1)).toMatchObject({
    event: "run:end",
    status: "partial",
    processed: 7,
    successful: 7,
    failed: 0,
    durationMs: 4_000,
    warnings,
  });
});

it("reports that a paused run continues", () => {
  expect(eventsBetween(storedRun({ status: "paused" }), storedRun())).toMatchObject([
    { event: "run:start", resumed: true },
  ]);
});
