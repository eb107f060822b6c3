import type { StoredStart, SyncEvent } from "@titan-sync/core";
import { describe, expect, it } from "vitest";
import { textStream } from "../__fixtures__/text-stream.js";
import { jsonOutput, textOutput } from "./service-output.js";

const at = Date.parse("2026-12-01T02:00:00Z");
const base = { runId: "r1", credentialId: "c1", companyId: "acme", at };
const begin: SyncEvent = {
  ...base,
  event: "run:start",
  data: "both",
  mode: "incremental",
  resumed: false,
  dryRun: false,
  rederive: false,
  replay: false,
};
const end = {
  ...base,
  event: "run:end",
  status: "completed",
  processed: 3,
  successful: 1,
  failed: 0,
  unchanged: 2,
  durationMs: 1500,
  warnings: [],
  error: null,
} as const satisfies SyncEvent;
const feed: SyncEvent = { ...base, event: "feed:start", feed: "customers" };
const missed: StoredStart = {
  credentialId: "c1",
  companyId: "acme",
  nominalAt: at,
  lastNominalAt: at + 60_000,
  count: 2,
  outcome: "missed",
  reason: null,
  runAt: at + 61_000,
  runId: "r2",
  decidedAt: at,
};

describe("what a service says", () => {
  it("is a line for each run's start and end, for people", () => {
    const stream = textStream();
    const output = textOutput(stream, new AbortController().signal);
    for (const event of [begin, feed, end]) output.event(event);
    output.event({
      ...end,
      status: "failed",
      error: { code: "AUTH", message: "ServiceTitan refused the credential.", hint: "Update it." },
    });
    output.event({ ...end, status: "paused" });
    output.event({
      ...end,
      status: "paused",
      error: { code: "API_UNAVAILABLE", message: "ServiceTitan does not answer.", hint: null },
    });
    output.start(missed);
    output.start({ ...missed, outcome: "queued", count: 1 });
    expect(stream.text().split("\n")).toEqual([
      "2026-12-01 02:00:00Z  acme  run r1 starts: both, incremental",
      "2026-12-01 02:00:00Z  acme  run r1 completed in 1.5 s: 1 record delivered, 2 unchanged, 0 rejected",
      "2026-12-01 02:00:00Z  acme  run r1 failed in 1.5 s: 1 record delivered, 2 unchanged, 0 rejected. ServiceTitan refused the credential. Hint: Update it.",
      "2026-12-01 02:00:00Z  acme  run r1 continues when it is its turn again",
      "2026-12-01 02:00:00Z  acme  run r1 is interrupted, and is tried again: ServiceTitan does not answer.",
      "2026-12-01 02:00:00Z  acme  2 scheduled starts missed while no scheduler was running: one sync catches up",
      "",
    ]);
  });

  it("names a run that is handed over because the service stops", () => {
    const stream = textStream();
    textOutput(stream, AbortSignal.abort()).event({ ...end, status: "paused" });
    expect(stream.text()).toContain("run r1 is handed over to the next worker");
  });

  it("is JSON lines with ISO times for programs, without what happens within runs", () => {
    const stream = textStream();
    const output = jsonOutput(stream);
    output.ready({ event: "ready" }, "Working.");
    for (const event of [begin, feed, end]) output.event(event);
    output.start(missed);
    const lines = stream.text().trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { event: "ready" },
      {
        event: "run:start",
        runId: "r1",
        credentialId: "c1",
        companyId: "acme",
        at: "2026-12-01T02:00:00.000Z",
      },
      { event: "run:end", runId: "r1", status: "completed" },
      { event: "schedule:start", outcome: "missed", count: 2, lastNominalAt: "2026-12-01T02:01:00.000Z" },
    ]);
  });
});
