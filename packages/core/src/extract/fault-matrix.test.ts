import type { FaultEffect } from "@titan-sync/simulator";
import { describe, expect, test } from "vitest";
import type { RetryOptions } from "../http/policy.js";
import { plainRows } from "./__fixtures__/plain-rows.js";
import { createReadingWorld, type ReadingRequest } from "./__fixtures__/reading-world.js";
import { defaultReadingSizes } from "./reading-sizes.js";

const effects: readonly FaultEffect[] = [
  { kind: "status", status: 500 },
  { kind: "status", status: 503, body: "html" },
  { kind: "status", status: 502, body: "empty" },
  { kind: "status", status: 408 },
  { kind: "status", status: 425 },
  { kind: "throttle", seconds: 2 },
  { kind: "throttle", retryAfter: "date", seconds: 2 },
  { kind: "throttle", retryAfter: "title", seconds: 2 },
  { kind: "reset" },
  { kind: "hang" },
  { kind: "latency", ms: 3 },
  { kind: "cut-body" },
  { kind: "cut-body", share: 0 },
  { kind: "cut-json" },
  { kind: "repeat-page" },
  { kind: "repeat-page", advance: true },
  { kind: "stuck-token" },
  { kind: "empty-page" },
  { kind: "revoked-token" },
  { kind: "refused-cursor" },
];

/** Twice running, these have a reading given up: rightly, since asking on would never end. */
const endsAReading = new Set<FaultEffect["kind"]>(["revoked-token", "refused-cursor"]);

const rows = plainRows({ count: 130, rowsPerInstant: 17, migrated: 30 });
const range = { from: null, to: "2026-01-01T00:00:00.000Z", by: "modified" } as const;

/** Each reads the same rows; the feed is one that the reader serves. */
const readers: Readonly<Record<string, ReadingRequest & { readonly parallel: boolean }>> = {
  "the export reader": { feed: "customers", parallel: false },
  "the parallel reader": { feed: "customers", parallel: true },
  "the list reader": { feed: "zones", parallel: false },
  "the range reader": { feed: "customers", range, parallel: false },
};

function setUp(reader: string, retry: Partial<RetryOptions> = {}) {
  const request = readers[reader] ?? { feed: "customers", parallel: false };
  const world = createReadingWorld({
    retry,
    simulator: {
      exportPageSize: 20,
      tenants: [{ entities: { [request.feed]: rows } }],
    },
    tools: {
      parallelBackfill: request.parallel,
      sizes: { ...defaultReadingSizes, pageSize: 20, minRows: 1, windowRows: 50, pagesAtOnce: 3 },
    },
  });
  return { world, request };
}

const printed = (effect: FaultEffect) => Object.values(effect).join(" ");

describe.each(Object.keys(readers))("%s", (reader) => {
  test.each(effects.map((effect) => [printed(effect), effect] as const))(
    "loses and doubles nothing when %s strikes now and then",
    async (_, effect) => {
      const { world, request } = setUp(reader, effect.kind === "hang" ? { attemptTimeoutMs: 150 } : {});
      const { faults } = world.simulator;
      const fault = faults.inject({ effect, feed: request.feed, nth: 2 });
      if (!endsAReading.has(effect.kind)) faults.inject({ effect, feed: request.feed, nth: 4, times: 2 });
      const figures = await world.read(request);
      const landed = await world.landed(
        request.feed,
        rows.map((row) => row.id),
      );
      expect(landed).toEqual(new Map(rows.map((row) => [row.id, expect.objectContaining(row)])));
      expect(figures.landed).toBe(rows.length);
      // Rows are requested again only where a token was refused, or where pages that are read in parallel
      // contradict each other.
      const readsAgain =
        effect.kind === "refused-cursor" || (effect.kind === "repeat-page" && request.parallel);
      if (!readsAgain) expect(figures.read).toBe(rows.length);
      const isOfExports = effect.kind === "stuck-token" || effect.kind === "refused-cursor";
      const readsExport = reader === "the export reader";
      if (!isOfExports || readsExport) expect(fault.hits()).toBeGreaterThan(0);
      expect(world.budget.inFlight()).toBe(0);
    },
  );

  test("completes even if three out of ten responses are corrupted", async () => {
    const { world, request } = setUp(reader);
    const { faults } = world.simulator;
    for (const effect of effects) {
      if (effect.kind === "hang" || effect.kind === "latency") continue;
      faults.inject({ effect, feed: request.feed, probability: 0.3 / 18 });
    }
    await readPatiently(() => world.read(request));
    const landed = await world.landed(
      request.feed,
      rows.map((row) => row.id),
    );
    expect(landed.size).toBe(rows.length);
  });
});

/** Like consecutive runs: each continues where the previous one had to give up. */
async function readPatiently(read: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await read();
      return;
    } catch (error) {
      if (tries === 10) throw error;
    }
  }
}
