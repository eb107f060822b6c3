import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { asCompleted } from "./as-completed.js";

const never = new AbortController().signal;
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Work that the test finishes. */
function createWork() {
  const started: number[] = [];
  const discarded: number[] = [];
  const finish = new Map<number, (outcome: "done" | "failed") => void>();
  const work = (item: number, signal: AbortSignal) =>
    new Promise<number>((resolve, reject) => {
      started.push(item);
      finish.set(item, (outcome) => (outcome === "done" ? resolve(item) : reject(new Error(`no ${item}`))));
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
  const discard = (item: number) => void discarded.push(item);
  return {
    started,
    discarded,
    work,
    finish: (item: number) => finish.get(item)?.("done"),
    fail: (item: number) => finish.get(item)?.("failed"),
    discard,
  };
}

describe("parallel work", () => {
  test("returns results as they complete, and never runs further ahead than the limit", async () => {
    const { started, work, finish, discard } = createWork();
    const results = asCompleted([1, 2, 3, 4], { limit: 2, signal: never, discard }, work);
    const first = results.next();
    await settled();
    expect(started).toEqual([1, 2]);
    finish(2);
    expect(await first).toEqual({ done: false, value: 2 });
    await settled();
    expect(started).toEqual([1, 2]);
    const second = results.next();
    await settled();
    expect(started).toEqual([1, 2, 3]);
    finish(1);
    expect((await second).value).toBe(1);
  });

  test("ends when everything has been returned", async () => {
    const results: number[] = [];
    const options = { limit: 3, signal: never, discard: () => undefined };
    for await (const result of asCompleted([1, 2, 3, 4, 5], options, async (item) => item * 2))
      results.push(result);
    expect(results.sort((left, right) => left - right)).toEqual([2, 4, 6, 8, 10]);
  });

  test("aborts the others after a failure, and throws it once they have ended", async () => {
    const { started, work, fail, discard } = createWork();
    const next = asCompleted([1, 2, 3], { limit: 2, signal: never, discard }, work).next();
    await settled();
    fail(1);
    await expect(next).rejects.toThrow("no 1");
    expect(started).toEqual([1, 2]);
  });

  test("discards results that complete after the reader has stopped", async () => {
    const { work, finish, discarded, discard } = createWork();
    const results = asCompleted([1, 2], { limit: 2, signal: never, discard }, work);
    const first = results.next();
    await settled();
    finish(1);
    finish(2);
    await first;
    await results.return(undefined);
    expect(discarded).toEqual([2]);
  });

  test("held all that had been returned until the slowest of the work ended", async () => {
    const slow = Promise.withResolvers<{ readonly item: number }>();
    const options = { limit: 2, signal: never, discard: () => undefined };
    const results = asCompleted([0, 1, 2, 3, 4], options, async (item) =>
      item === 0 ? await slow.promise : { item },
    );
    const returned: WeakRef<object>[] = [];
    for (let count = 0; count < 4; count += 1) {
      const { value } = await results.next();
      if (value !== undefined) returned.push(new WeakRef(value));
    }
    await settled();
    collectGarbage();
    // The last one may still be in the hands of the generator.
    expect(returned.slice(0, 3).map((result) => result.deref())).toEqual([undefined, undefined, undefined]);
    slow.resolve({ item: 0 });
    await results.return(undefined);
  });

  test("passes the caller's signal to the work", async () => {
    const stop = new AbortController();
    const { work, discard } = createWork();
    const next = asCompleted([1], { limit: 1, signal: stop.signal, discard }, work).next();
    await settled();
    stop.abort(new Error("stopped"));
    await expect(next).rejects.toThrow("stopped");
  });
});

function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
}
