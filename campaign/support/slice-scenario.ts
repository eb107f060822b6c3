import type { RunResult, SyncRequest } from "@titan-sync/core";
import { expect } from "vitest";
import { type Cut, createSlicer, type Slicer, syncInSlices } from "../../test/sync/sliced-run.js";
import { createWorld, type Row, type Stores, type World } from "../../test/sync/world.js";
import type { Dice } from "./campaign.js";

const modes = {
  "first load": { request: {}, isFirst: true },
  incremental: { request: {}, isFirst: false },
  fresh: { request: { fresh: true }, isFirst: false },
  full: { request: { mode: "full", allowRemovals: true }, isFirst: false },
  rederive: { request: { rederive: true }, isFirst: false },
  modified: { request: { from: "2021-01-01", by: "modified" }, isFirst: false },
  created: { request: { from: "2020-01-01", to: "2024-01-01", by: "created" }, isFirst: false },
  invoiced: { request: { from: "2020-01-01", by: "invoiced", data: "invoices" }, isFirst: false },
} as const satisfies Readonly<Record<string, { request: Partial<SyncRequest>; isFirst: boolean }>>;

export interface SliceScenario {
  readonly mode: keyof typeof modes;
  readonly data: "customers" | "invoices" | "both";
  readonly seed: number;
  readonly exportPageSize: number;
  readonly listPageSize: number;
  readonly batchSize: number;
  readonly cuts: readonly Cut[];
}

/** Feeds whose first load reads many pages at once: customers, invoices and locations. */
const parallelFeeds = 3;

const modeNames = Object.keys(modes) as [keyof typeof modes, ...(keyof typeof modes)[]];

export function rollScenario(dice: Dice): SliceScenario {
  const roll = (): Cut =>
    // A killed slice must outlast the polls of all feeds, or nothing of it would be left: most are paused.
    dice.integer(1, 4) === 1
      ? { how: "kill", afterSteps: dice.integer(1, 150) }
      : { how: "pause", afterSteps: dice.integer(1, 60) };
  return {
    mode: dice.pick(modeNames),
    data: dice.pick(["customers", "invoices", "both"]),
    seed: dice.integer(1, 1_000_000),
    exportPageSize: dice.integer(3, 40),
    listPageSize: dice.integer(3, 40),
    batchSize: dice.integer(3, 40),
    cuts: Array.from({ length: dice.integer(1, 25) }, roll),
  };
}

/**
 * A run in slices ends with what one undisturbed run gives, for at most a fifth more requests, and in each slice those
 * that find nothing new, and a page.
 */
export async function checkSlices(
  stores: Stores,
  scenario: SliceScenario,
  /** Of a first load, under way at once for each feed. */
  requestsAtOnce: number,
): Promise<void> {
  const { request: given, isFirst } = modes[scenario.mode];
  const request = { data: scenario.data, ...given };
  const open = async (): Promise<{ world: World; slicer: Slicer }> => {
    const slicer = createSlicer();
    const world = await createWorld(stores, {
      tenant: { customers: 50, invoices: 80 },
      simulator: { seed: scenario.seed, exportPageSize: scenario.exportPageSize },
      titan: { clock: slicer.clock, batchSize: scenario.batchSize },
      beforeRequest: slicer.step,
      maxRowsInPage: scenario.listPageSize,
    });
    if (!isFirst) {
      await world.sync({ data: "both" });
      change(world);
    }
    world.simulator.resetCounters();
    return { world, slicer };
  };

  const { world: whole } = await open();
  const undisturbed = await whole.sync(request);
  const requests = whole.simulator.counters().requests;
  const expected = await recordsOf(whole);
  const idle = "rederive" in request ? 0 : await requestsOfIdlePolls(whole, request);

  const { world, slicer } = await open();
  const { result, slices } = await syncInSlices(world, slicer, request, scenario.cuts[Symbol.iterator]());
  expect(summary(result)).toEqual(summary(undisturbed));
  expect(await recordsOf(world)).toEqual(expected);
  const more = world.simulator.counters().requests - 1.2 * requests;
  expect(more / slices).toBeLessThanOrEqual(idle + pagesUnderWay(scenario, requestsAtOnce));
}

/** What it takes to find that nothing has changed. */
async function requestsOfIdlePolls(world: World, { data, ...given }: Partial<SyncRequest>): Promise<number> {
  const request = { data, fresh: given.fresh === true };
  // Takes what the run before left to the next.
  await world.sync(request);
  world.simulator.resetCounters();
  await world.sync(request);
  return world.simulator.counters().requests;
}

/** Pages that were asked for when a slice ended: one; of a first load all that were under way, of each of its feeds. */
function pagesUnderWay({ mode }: SliceScenario, requestsAtOnce: number): number {
  return mode === "first load" ? parallelFeeds * requestsAtOnce : 1;
}

/** The same in every world of a seed. */
function change({ simulator, tenantId }: World): void {
  const ids = (feed: "customers" | "invoices") => simulator.rows(tenantId, feed).map((row) => row.id);
  const [renamed = 0, , gone = 0] = ids("customers");
  const [, vanished = 0] = ids("invoices");
  simulator.mutate(
    tenantId,
    { kind: "edit", feed: "customers", id: renamed, set: { name: "Changed Name" } },
    { kind: "delete", feed: "customers", id: gone },
    { kind: "delete", feed: "invoices", id: vanished },
  );
}

function summary({ status, error, ledger }: RunResult) {
  const { member, invoice } = ledger.records;
  return { status, error, member, invoice };
}

async function recordsOf(world: World): Promise<readonly (readonly [string, Row])[]> {
  const all = [...(await world.records("member")), ...(await world.records("invoice"))];
  return all.map(([id, { tenant: _, ...columns }]) => [id, columns] as const);
}
