import type { Change, FaultEffect, InjectedFault } from "@titan-sync/simulator";
import fc from "fast-check";
import { createByteBudget } from "../../async/byte-budget.js";
import { AbortedError, TitanSyncError } from "../../errors.js";
import type { KnownFeedName } from "../../records/definitions/definitions.js";
import { plainRows } from "./plain-rows.js";
import { createReadingWorld, type ReadingRequest, type ReadingWorld } from "./reading-world.js";

/** What may happen while a feed is read. */
interface Scenario {
  readonly reader: "export" | "parallel" | "list" | "range";
  readonly rows: Parameters<typeof plainRows>[0];
  readonly exportPageSize: number;
  readonly sizes: {
    readonly pageSize: number;
    readonly minRows: number;
    readonly windowRows: number;
    readonly pagesAtOnce: number;
  };
  readonly lagMs: number;
  readonly dateAheadMs: number;
  /** Something changes before this many of 100 requests. */
  readonly changes: number;
  /** How many of 100 responses each of these corrupts. */
  readonly faults: readonly { readonly effect: FaultEffect; readonly percent: number }[];
  /** The reader is killed after this many requests, started again, and so on. */
  readonly kills: readonly number[];
  readonly fresh: boolean;
  readonly budgetBytes: number;
  readonly seed: number;
}

const effects: readonly FaultEffect[] = [
  { kind: "status", status: 503, body: "html" },
  { kind: "throttle", seconds: 1 },
  { kind: "reset" },
  { kind: "cut-body" },
  { kind: "cut-json" },
  { kind: "repeat-page" },
  { kind: "repeat-page", advance: true },
  { kind: "stuck-token" },
  { kind: "empty-page" },
  { kind: "revoked-token" },
  { kind: "refused-cursor" },
];

/**
 * A refused position sends a reader back to the beginning, and two consecutive revoked tokens end its work:
 * if these were frequent, no reader would reach the end.
 */
const endingAReading = new Set<FaultEffect["kind"]>(["refused-cursor", "revoked-token"]);

const scenarios: fc.Arbitrary<Scenario> = fc.record({
  reader: fc.constantFrom("export", "parallel", "list", "range"),
  rows: fc.record({
    count: fc.integer({ min: 0, max: 150 }),
    rowsPerInstant: fc.integer({ min: 1, max: 60 }),
    rowsPerCreation: fc.integer({ min: 1, max: 60 }),
    migrated: fc.integer({ min: 0, max: 40 }),
  }),
  exportPageSize: fc.integer({ min: 1, max: 40 }),
  sizes: fc.record({
    pageSize: fc.integer({ min: 2, max: 40 }),
    minRows: fc.integer({ min: 0, max: 60 }),
    windowRows: fc.integer({ min: 1, max: 80 }),
    pagesAtOnce: fc.integer({ min: 1, max: 6 }),
  }),
  lagMs: fc.constantFrom(0, 15 * 60_000),
  dateAheadMs: fc.constantFrom(0, 0, -3 * 3_600_000, 24 * 3_600_000),
  changes: fc.integer({ min: 0, max: 60 }),
  faults: fc.array(
    fc.record({ effect: fc.constantFrom(...effects), percent: fc.integer({ min: 1, max: 8 }) }),
    {
      maxLength: 4,
    },
  ),
  kills: fc.array(fc.integer({ min: 1, max: 25 }), { maxLength: 3 }),
  fresh: fc.boolean(),
  budgetBytes: fc.constantFrom(500, 20_000, 10_000_000),
  seed: fc.nat(),
});

/**
 * Whatever the page sizes, ties, changes, faults and restarts: once nothing changes anymore, what was landed is what
 * the simulator holds.
 *
 * @throws with the seed and the smallest scenario found that breaks this.
 */
export async function checkReaders(options: { readonly seed: number; readonly runs: number }): Promise<void> {
  await fc.assert(fc.asyncProperty(scenarios, runScenario), { seed: options.seed, numRuns: options.runs });
}

async function runScenario(scenario: Scenario): Promise<void> {
  const feed: KnownFeedName = scenario.reader === "list" ? "zones" : "customers";
  const rows = plainRows(scenario.rows);
  const world = createReadingWorld({
    dateAheadMs: scenario.dateAheadMs,
    simulator: {
      seed: scenario.seed,
      exportPageSize: scenario.exportPageSize,
      exportLagMs: scenario.lagMs,
      tenants: [{ entities: { [feed]: rows } }],
    },
    tools: {
      budget: createByteBudget(scenario.budgetBytes),
      parallelBackfill: scenario.reader === "parallel",
      sizes: scenario.sizes,
    },
  });
  const everSeen = new Set(rows.map((row) => row.id));
  const changer = createChanger(world, feed, scenario, everSeen);
  const faults = scenario.faults.map(({ effect, percent }) => {
    const share = endingAReading.has(effect.kind) ? Math.min(percent, 1) : percent;
    return world.simulator.faults.inject({ effect, feed, probability: share / 100 });
  });
  const request: ReadingRequest = { feed, fresh: scenario.fresh };

  if (scenario.reader === "range") await checkRange(world, request, changer, everSeen);
  else await checkFollowing(world, scenario, request, changer, faults, everSeen);
}

async function checkFollowing(
  world: ReadingWorld,
  scenario: Scenario,
  request: ReadingRequest,
  changer: Changer,
  faults: readonly InjectedFault[],
  everSeen: ReadonlySet<number>,
): Promise<void> {
  const { feed } = request;
  for (const requests of scenario.kills) await readUntilKilled(world, request, changer, requests);
  world.beforeRequest = changer.maybe;
  await readPatiently(world, request, changer.calmDown);

  // From here on nothing changes, and everything that did has become visible.
  world.beforeRequest = () => undefined;
  world.clock.pass(2 * 3_600_000);
  await readPatiently(world, request);
  const rows = new Map(world.simulator.rows(world.tenantId, feed).map((row) => [row.id, row] as const));
  const landed = await world.landed(feed, everSeen);
  for (const [id, row] of rows) expectEqual(`row ${id}`, landed.get(id), row);

  // Only a full pass finds landed rows that have been deleted since.
  await readPatiently(world, { ...request, full: true });
  for (const fault of faults) fault.remove();
  const left = await world.landed(feed, everSeen);
  expectEqual("landed ids", [...left.keys()].sort(), [...rows.keys()].sort());
  expectEqual("bytes in flight", world.budget.inFlight(), 0);
}

/** A range is read while it changes: rows that were in it all the time must have landed. */
async function checkRange(
  world: ReadingWorld,
  request: ReadingRequest,
  changer: Changer,
  everSeen: ReadonlySet<number>,
): Promise<void> {
  const from = "2025-02-01T00:20:00.000Z";
  const inRange = (): number[] =>
    world.simulator
      .rows(world.tenantId, request.feed)
      .filter((row) => String(row["modifiedOn"]) >= from)
      .map((row) => row.id);
  const before = inRange();
  world.beforeRequest = changer.maybe;
  await readPatiently(world, { ...request, range: { from, to: null, by: "modified" } }, changer.calmDown);
  const landed = await world.landed(request.feed, everSeen);
  const after = new Set(inRange());
  for (const id of before) {
    if (after.has(id)) expectEqual(`row ${id} of the range`, landed.has(id), true);
  }
}

async function readUntilKilled(
  world: ReadingWorld,
  request: ReadingRequest,
  changer: Changer,
  requests: number,
): Promise<void> {
  const kill = new AbortController();
  let left = requests;
  world.beforeRequest = () => {
    left -= 1;
    if (left < 0) kill.abort(new AbortedError("killed"));
    changer.maybe();
  };
  await world.read({ ...request, signal: kill.signal }).catch(ignoreFailedReading);
}

/** Like consecutive runs: each continues where the previous one had to give up. */
async function readPatiently(
  world: ReadingWorld,
  request: ReadingRequest,
  onFailure: () => void = () => undefined,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await world.read(request);
      return;
    } catch (error) {
      if (tries === 60) throw error;
      ignoreFailedReading(error);
      onFailure();
    }
  }
}

function ignoreFailedReading(error: unknown): void {
  if (!TitanSyncError.is(error)) throw error;
}

interface Changer {
  /** Lets time pass, and sometimes changes something. */
  readonly maybe: () => void;
  /** Giving up on a list that changes constantly is right: from now on fewer changes happen. */
  readonly calmDown: () => void;
}

function createChanger(
  world: ReadingWorld,
  feed: KnownFeedName,
  { changes, seed, reader }: Scenario,
  everSeen: Set<number>,
): Changer {
  const random = mulberry(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  let percent = changes;
  return {
    calmDown() {
      percent /= 2;
    },
    maybe() {
      world.clock.pass(below(5000));
      if (random() * 100 >= percent) return;
      const change = chooseChange();
      if (change === null) return;
      for (const { id } of world.simulator.mutate(world.tenantId, change)) everSeen.add(id);
    },
  };

  function chooseChange(): Change | null {
    const ids = world.simulator.rows(world.tenantId, feed).map((row) => row.id);
    const id = ids[below(ids.length)];
    const kind = below(10);
    if (kind < 2 || id === undefined) {
      // Imported rows are backdated.
      const dates = kind === 0 ? { createdOn: "2014-06-01T00:00:00Z" } : {};
      return { kind: "add", feed, row: { active: true, name: `Added ${below(1000)}`, ...dates } };
    }
    if (kind === 2) return { kind: "deactivate", feed, id };
    // A range can distinguish removed rows from added ones only by its total.
    if (kind < 5 && reader !== "range") return { kind: "delete", feed, id };
    return { kind: "edit", feed, id, set: { name: `Edited ${below(1000)}` } };
  }
}

function expectEqual(what: string, actual: unknown, expected: unknown): void {
  const [left, right] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (left !== right) throw new Error(`${what}: expected ${right}, got ${left}`);
}

/** A small seeded generator of numbers from 0 to below 1. */
function mulberry(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
