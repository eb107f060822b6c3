import { describe, expect, test } from "vitest";
import type { Completeness, RunsState } from "../ports/credential-state.js";
import type { StoredRun } from "../ports/sync-run.js";
import { defaultRequest } from "../testing/storage/samples.js";
import { stalest, stateAfterRun } from "./runs-state.js";

const hour = 3_600_000;
const feeds = ["invoices", "jobs", "zones"];
let runs = 0;

function runThat(status: StoredRun["status"], endedAt = 10 * hour) {
  runs += 1;
  return {
    id: `run-${runs}`,
    request: defaultRequest,
    status,
    startedAt: endedAt - hour,
    completedAt: endedAt,
    error: null,
  };
}

function invoices(
  readUpTo: Readonly<Record<string, number>>,
  missing: readonly string[] = [],
  all: readonly string[] = feeds,
): Completeness {
  return { invoices: { feeds: all, readUpTo, missing } };
}

/** What runs one after the other leave behind. */
function stateAfter(...found: readonly Completeness[]): RunsState {
  let state: RunsState | null = null;
  for (const completeness of found) state = stateAfterRun(state, runThat("completed"), completeness);
  if (state === null) throw new Error("No run counted.");
  return state;
}

describe("how fresh a data type is", () => {
  test("is the oldest of its feeds", () => {
    const { data } = stateAfter(invoices({ invoices: 9 * hour, jobs: 7 * hour, zones: 8 * hour }));
    expect(data["invoices"]).toMatchObject({ freshAsOf: 7 * hour, feeds, missing: [] });
  });

  test("went back after a run that had read less far, as one without recent changes does", () => {
    const fresh = invoices({ invoices: 9 * hour, jobs: 9 * hour, zones: 9 * hour });
    const plain = invoices({ invoices: 9.5 * hour, jobs: 8.9 * hour, zones: 9.5 * hour });
    expect(stateAfter(fresh, plain).data["invoices"]).toMatchObject({ freshAsOf: 9 * hour, missing: [] });
  });

  test("is held back by a feed that could not be read for now", () => {
    const all = invoices({ invoices: 7 * hour, jobs: 7 * hour, zones: 7 * hour });
    const held = invoices({ invoices: 9 * hour, zones: 9 * hour });
    expect(stateAfter(all, held).data["invoices"]).toMatchObject({ freshAsOf: 7 * hour, feeds, missing: [] });
    expect(stateAfter(held).data["invoices"]).toMatchObject({ freshAsOf: null, feeds: [], missing: [] });
  });

  test("names the feeds of which a run that completed could not tell whether it had read them to their end", () => {
    const held = invoices({ invoices: 9 * hour, zones: 9 * hour });
    expect(stateAfter(held).data["invoices"]).toMatchObject({ uncertain: ["jobs"] });
    const all = invoices({ invoices: 9 * hour, jobs: 9 * hour, zones: 9 * hour });
    expect(stateAfter(held, all).data["invoices"]).not.toHaveProperty("uncertain");
    expect(stateAfterRun(null, runThat("partial"), held)?.data["invoices"]).not.toHaveProperty("uncertain");
  });

  test("leaves out a feed that is refused, and names it", () => {
    const { data } = stateAfter(invoices({ invoices: 9 * hour, jobs: 8 * hour }, ["zones"]));
    expect(data["invoices"]).toMatchObject({
      freshAsOf: 8 * hour,
      feeds: ["invoices", "jobs"],
      missing: ["zones"],
    });
  });

  test("claimed a feed that was refused, once it only failed", () => {
    const refused = invoices({ invoices: 9 * hour, jobs: 9 * hour }, ["zones"]);
    const failed = invoices({ invoices: 10 * hour, jobs: 10 * hour });
    expect(stateAfter(refused, failed).data["invoices"]).toMatchObject({
      freshAsOf: 9 * hour,
      missing: ["zones"],
    });
  });

  test("claimed a feed that came back and was read less far than the others had been", () => {
    const fresh = invoices({ invoices: 9 * hour, jobs: 9 * hour }, ["zones"]);
    const plain = invoices({ invoices: 8.9 * hour, jobs: 8.9 * hour, zones: 8.9 * hour });
    expect(stateAfter(fresh, plain).data["invoices"]).toMatchObject({
      freshAsOf: 9 * hour,
      missing: ["zones"],
    });
    const later = invoices({ invoices: 10 * hour, jobs: 10 * hour, zones: 10 * hour });
    expect(stateAfter(fresh, plain, later).data["invoices"]).toMatchObject({
      freshAsOf: 10 * hour,
      missing: [],
    });
  });

  test("claimed a feed that a new version of the program reads, before it was read", () => {
    const old = invoices({ invoices: 9 * hour, jobs: 9 * hour }, [], ["invoices", "jobs"]);
    const failed = invoices({ invoices: 10 * hour, jobs: 10 * hour });
    expect(stateAfter(old, failed).data["invoices"]).toMatchObject({
      freshAsOf: 9 * hour,
      missing: ["zones"],
    });
  });

  test("is not touched by runs of other data types, which count for the stalest all the same", () => {
    const members: Completeness = {
      customers: { feeds: ["customers"], missing: [], readUpTo: { customers: 6 * hour } },
    };
    const state = stateAfter(members, invoices({ invoices: 9 * hour, jobs: 9 * hour, zones: 9 * hour }));
    expect(state.data["customers"]).toMatchObject({ freshAsOf: 6 * hour });
    expect(stalest(state)).toBe(6 * hour);
    expect(stalest(stateAfter(members, invoices({})))).toBeNull();
    expect(stalest({ data: {} })).toBeNull();
  });
});

describe("how runs went", () => {
  test("counts failures since the last good run, and remembers since when records are degraded", () => {
    const first = stateAfterRun(null, runThat("partial", 1 * hour), {});
    const second = stateAfterRun(first, runThat("failed", 2 * hour), {});
    const third = stateAfterRun(second, runThat("failed", 3 * hour), {});
    expect(third).toMatchObject({ failures: 2, failingSince: 2 * hour, degradedSince: 1 * hour });
    const fourth = stateAfterRun(third, runThat("partial", 4 * hour), {});
    expect(fourth).toMatchObject({ failures: 0, failingSince: null, degradedSince: 1 * hour });
    const fifth = stateAfterRun(fourth, runThat("completed", 5 * hour), {});
    expect(fifth).toMatchObject({ degradedSince: null, lastGood: { endedAt: 5 * hour } });
  });

  test.each(["cancelled", "paused", "running"] as const)("does not count a run that is %s", (status) => {
    expect(stateAfterRun(null, { ...runThat(status), completedAt: null }, {})).toBeNull();
    expect(stateAfterRun(null, runThat(status), {})).toBeNull();
  });
});
