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
  test("lets in what fits and keeps the rest waiting until there is room", async () => {
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

  test("what is larger than all of it passes alone", async () => {
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

  test("nobody overtakes: a small one does not starve a large one", async () => {
    const budget = createByteBudget(10);
    const entered = enterAll(budget, [8, 9, 1]);
    await settled();
    expect(entered.map((each) => each !== undefined)).toEqual([true, false, false]);
  });

  test("a page that is smaller than expected makes room at once, a larger one takes more than there is", async () => {
    const budget = createByteBudget(10);
    const entered = enterAll(budget, [10, 6]);
    await settled();
    entered[0]?.resize(4);
    await settled();
    expect(entered[1]).toBeDefined();
    entered[1]?.resize(30);
    expect(budget.inFlight()).toBe(34);
  });

  test("releasing twice gives the room back once", async () => {
    const budget = createByteBudget(10);
    const reservation = await budget.reserve(4, never);
    reservation.release();
    reservation.release();
    reservation.resize(7);
    expect(budget.inFlight()).toBe(0);
  });

  test("waiting ends with its signal, and those behind move up", async () => {
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
