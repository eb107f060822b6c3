import { expect, it } from "vitest";
import { AbortedError } from "../errors.js";
import { inParallel } from "./in-parallel.js";

it("begins all at once and ends with the last", async () => {
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

it("fails with what went wrong, not with the abort that followed from it", async () => {
  const failures = [new AbortedError("stopped"), new Error("broken")];
  await expect(inParallel(failures, (failure) => Promise.reject(failure))).rejects.toThrow("broken");
  await expect(inParallel([failures[0]], (failure) => Promise.reject(failure))).rejects.toThrow("stopped");
});
