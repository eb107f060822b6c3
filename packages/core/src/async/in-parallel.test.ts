import { expect, it } from "vitest";
import { AbortedError } from "../errors.js";
import { inParallel } from "./in-parallel.js";

it("processes each item once, a few at a time, and keeps their order", async () => {
  let atWork = 0;
  let most = 0;
  const work = async (item: number): Promise<number> => {
    atWork += 1;
    most = Math.max(most, atWork);
    for (let turn = 0; turn < item % 3; turn += 1) await Promise.resolve();
    atWork -= 1;
    return item * 10;
  };
  expect(await inParallel([1, 2, 3, 4, 5, 6, 7], work, 3)).toEqual([10, 20, 30, 40, 50, 60, 70]);
  expect(most).toBe(3);
  expect(await inParallel([], work, 3)).toEqual([]);
});

it("starts nothing else after a failure", async () => {
  const begun: number[] = [];
  const working = inParallel(
    [1, 2, 3, 4],
    async (item) => {
      begun.push(item);
      await Promise.resolve();
      if (item === 2) throw new Error("broken");
    },
    2,
  );
  await expect(working).rejects.toThrow("broken");
  expect(begun).not.toContain(4);
});

it("starts all at once and ends with the last", async () => {
  const order: string[] = [];
  const first = Promise.withResolvers<void>();
  await inParallel(["first", "second"], async (item) => {
    order.push(`${item} begins`);
    if (item === "first") await first.promise;
    else first.resolve();
    order.push(`${item} ends`);
  });
  expect(order).toEqual(["first begins", "second begins", "second ends", "first ends"]);
});

it("waits for the others before it fails", async () => {
  const slow = Promise.withResolvers<void>();
  let hasEnded = false;
  const working = inParallel(["broken", "slow"], async (item) => {
    if (item === "broken") throw new Error("broken");
    await slow.promise;
  }).finally(() => {
    hasEnded = true;
  });
  const failing = expect(working).rejects.toThrow("broken");
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  expect(hasEnded).toBe(false);
  slow.resolve();
  await failing;
});

it("fails with the original error, not with the abort that it caused", async () => {
  const failures = [new AbortedError("stopped"), new Error("broken")];
  await expect(inParallel(failures, (failure) => Promise.reject(failure))).rejects.toThrow("broken");
  await expect(inParallel([failures[0]], (failure) => Promise.reject(failure))).rejects.toThrow("stopped");
});
