import { describe, expect, test } from "vitest";
import { AbortedError } from "../errors.js";
import { createByteBudget, type Reservation } from "./byte-budget.js";

const never = new AbortController().signal;

/** Reserves without waiting, and tells what has been let in so far. */
function enterAll(budget: ReturnType<typeof createByteBudget>, sizes: readonly number[]) {
  const entered: (Reservation | undefined)[] = sizes.map(() => undefined);
  for (const [index, bytes] of sizes.entries()) {
    void budget.reserve(bytes, never).then((reservation) => {
      entered[index] = reservation;
    });
  }
  return entered;
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("a budget of bytes", () => {
  test("admits what fits and makes the rest wait until there is room", async () => {
    const budget = createByteBudget(10);
    const entered = enterAll(budget, [6, 4, 5]);
    await settled();
    expect(entered.map((each) => each !== undefined)).toEqual([true, true, false]);
    entered[1]?.release();
    await settled();
    expect(entered[2]).toBeUndefined();
    entered[0]?.release();
    await settled();
    expect(entered[2]).toBeDefined();
    expect(budget.inFlight()).toBe(5);
  });

  test("admits something larger than the whole budget alone", async () => {
    const budget = createByteBudget(10);
    const entered = enterAll(budget, [1, 25, 1]);
    await settled();
    expect(entered.map((each) => each !== undefined)).toEqual([true, false, false]);
    entered[0]?.release();
    await settled();
    expect(entered[1]).toBeDefined();
    expect(entered[2]).toBeUndefined();
    entered[1]?.release();
    await settled();
    expect(entered[2]).toBeDefined();
  });

  test("admits in order, so that small requests do not starve a large one", async () => {
    const budget = createByteBudget(10);
    const entered = enterAll(budget, [8, 9, 1]);
    await settled();
    expect(entered.map((each) => each !== undefined)).toEqual([true, false, false]);
  });

  test("makes room at once if a page is smaller than expected, and exceeds the limit if it is larger", async () => {
    const budget = createByteBudget(10);
    const entered = enterAll(budget, [10, 6]);
    await settled();
    entered[0]?.resize(4);
    await settled();
    expect(entered[1]).toBeDefined();
    entered[1]?.resize(30);
    expect(budget.inFlight()).toBe(34);
  });

  test("returns the room once if it is released twice", async () => {
    const budget = createByteBudget(10);
    const reservation = await budget.reserve(4, never);
    reservation.release();
    reservation.release();
    reservation.resize(7);
    expect(budget.inFlight()).toBe(0);
  });

  test("stops waiting when the signal is aborted, and lets those behind move up", async () => {
    const budget = createByteBudget(10);
    await budget.reserve(8, never);
    const stop = new AbortController();
    const large = budget.reserve(9, stop.signal);
    const small = budget.reserve(2, never);
    stop.abort();
    await expect(large).rejects.toBeInstanceOf(AbortedError);
    await expect(small).resolves.toBeDefined();
    await expect(budget.reserve(1, stop.signal)).rejects.toBeInstanceOf(AbortedError);
  });
});
