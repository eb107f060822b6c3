import { describe, expect, test } from "vitest";
import { isSample, report } from "./support/campaign.js";
import { createFairnessWorld, type FairnessWorld, type Start } from "./support/fairness-scenario.js";

const secondMs = 1000;
const minuteMs = 60_000;
const workers = 4;
const concurrency = 4;
/** Of nine feeds at 200 ms for each answer. */
const incrementalMs = 2 * secondMs;
/** More than there are slots for them. */
const loads = isSample ? 14 : 20;
const loadMs = (isSample ? 2 : 30) * minuteMs;
const incrementals = isSample ? 60 : 500;

/** Each company has two credentials. */
const companyOf = (number: number): string => `company ${Math.floor(number / 2)}`;

async function addIncrementals(world: FairnessWorld): Promise<void> {
  for (let number = 0; number < incrementals; number += 1) {
    await world.add(`incremental ${number}`, companyOf(number), incrementalMs);
  }
}

/** Queues all at once, and waits until they are done. */
async function runIncrementals(world: FairnessWorld): Promise<readonly string[]> {
  const runIds: string[] = [];
  for (let number = 0; number < incrementals; number += 1) {
    const runId = await world.enqueue(`incremental ${number}`, {
      priority: "scheduled",
      mode: "incremental",
    });
    if (runId !== null) runIds.push(runId);
  }
  while (!runIds.every((runId) => world.completed.has(runId))) await world.advance(5 * secondMs);
  return runIds;
}

function waitsOf(world: FairnessWorld, runIds: readonly string[]): readonly number[] {
  return runIds
    .map((runId) => startOf(world, runId))
    .map(({ queuedAt, beganAt }) => (beganAt ?? Number.NaN) - queuedAt)
    .sort((left, right) => left - right);
}

function startOf({ starts }: FairnessWorld, runId: string): Start {
  const start = starts.get(runId);
  if (start === undefined) throw new RangeError(`${runId} was never queued.`);
  return start;
}

const medianOf = (ascending: readonly number[]): number =>
  ascending[Math.floor(ascending.length / 2)] ?? Number.NaN;

/** How many turns another company had, at most, between two of one that had jobs to claim. */
function mostTurnsBetween(world: FairnessWorld, runIds: ReadonlySet<string>): number {
  const companies = world.order
    .filter((runId) => runIds.has(runId))
    .map((runId) => startOf(world, runId).companyId);
  let most = 0;
  for (const companyId of new Set(companies)) {
    const turns = companies.flatMap((other, index) => (other === companyId ? [index] : []));
    for (const [index, turn] of turns.entries()) {
      const between = companies.slice((turns[index - 1] ?? -1) + 1, turn);
      for (const other of new Set(between)) {
        most = Math.max(most, between.filter((one) => one === other).length);
      }
    }
  }
  return most;
}

describe("by a simulated clock", () => {
  test(`${incrementals} incremental syncs wait hardly longer beside ${loads} first loads, and those finish`, async () => {
    const alone = createFairnessWorld(workers, concurrency);
    await addIncrementals(alone);
    const without = waitsOf(alone, await runIncrementals(alone));
    await alone.close();

    const world = createFairnessWorld(workers, concurrency);
    await addIncrementals(world);
    const loadIds: (string | null)[] = [];
    for (let number = 0; number < loads; number += 1) {
      await world.add(`load ${number}`, `new ${number}`, loadMs);
      loadIds.push(await world.enqueue(`load ${number}`, { priority: "bulk", mode: "full" }));
    }
    // All slots have one by then.
    await world.advance(isSample ? 15 * secondMs : minuteMs);
    const runIds = await runIncrementals(world);
    const beside = waitsOf(world, runIds);
    const allowed = Math.max(1.5 * medianOf(without), medianOf(without) + 2 * secondMs);
    expect(medianOf(beside)).toBeLessThan(allowed);
    expect(mostTurnsBetween(world, new Set(runIds))).toBeLessThanOrEqual(3);
    // There are slots for more than half of them.
    for (let waited = 0; waited < 30 && loadIds.some((id) => !world.completed.has(id ?? "")); waited += 1) {
      await world.advance(loadMs / 10);
    }
    expect(loadIds.filter((id) => !world.completed.has(id ?? ""))).toEqual([]);
    await world.close();
    report(
      `${incrementals} incremental syncs waited ${medianOf(without) / secondMs} s in the median without, ${medianOf(beside) / secondMs} s beside ${loads} first loads (most: ${(without.at(-1) ?? 0) / secondMs} and ${(beside.at(-1) ?? 0) / secondMs} s).`,
    );
  });

  const slices = isSample ? 2 : 20;
  test(`a full pass of ${slices} slices completes beside syncs of every minute, on one slot`, async () => {
    const world = createFairnessWorld(1, 1);
    await world.add("full", "large", slices * 5 * minuteMs);
    for (let number = 0; number < 5; number += 1)
      await world.add(`small ${number}`, `small ${number}`, 5 * secondMs);
    const runId = await world.enqueue("full", { priority: "bulk", mode: "full" });
    let minutes = 0;
    const small: string[] = [];
    for (; !world.completed.has(runId ?? "") && minutes < slices * 10; minutes += 1) {
      // Of its own schedule as well: it waits until the run is finished.
      await world.enqueue("full", { priority: "scheduled", mode: "incremental" });
      for (let number = 0; number < 5; number += 1) {
        const id = await world.enqueue(`small ${number}`, { priority: "scheduled", mode: "incremental" });
        if (id !== null) small.push(id);
      }
      await world.advance(minuteMs);
    }
    expect(world.completed.has(runId ?? "")).toBe(true);
    // Each of them has had its turn in its minute.
    expect(small).toHaveLength(5 * minutes);
    const longest = Math.max(...waitsOf(world, small.slice(0, -5)));
    expect(longest).toBeLessThan(minuteMs);
    await world.close();
    report(
      `A full pass of ${slices * 5} minutes was completed in ${minutes}, in ${world.slices.get(runId ?? "")} slices; syncs of every minute waited at most ${longest / secondMs} s.`,
    );
  });
});
