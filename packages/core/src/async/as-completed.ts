import { AbortedError } from "../errors.js";
import { shared } from "./aborted.js";

/**
 * Works on items in parallel and gives results in the order in which they come, never more than `limit` ahead of their
 * use. Nothing continues after the end: when one fails, or the iteration is stopped, the signal that the others work
 * under is aborted and they are waited for.
 */
export async function* asCompleted<Item, Result>(
  items: readonly Item[],
  options: {
    readonly limit: number;
    readonly signal: AbortSignal;
    /** Receives results that completed too late to be returned. */
    readonly discard: (result: Result) => void;
  },
  work: (item: Item, signal: AbortSignal) => Promise<Result>,
): AsyncGenerator<Result, void, undefined> {
  const stop = new AbortController();
  const signal = shared(AbortSignal.any([options.signal, stop.signal]));
  const running = new Map<number, Promise<{ readonly index: number; readonly result: Result }>>();
  let started = 0;
  try {
    for (;;) {
      while (running.size < options.limit && started < items.length) {
        const index = started;
        const item = items[index] as Item;
        started += 1;
        running.set(
          index,
          work(item, signal).then((result) => ({ index, result })),
        );
      }
      if (running.size === 0) return;
      const { index, result } = await Promise.race(running.values());
      running.delete(index);
      yield result;
    }
  } finally {
    stop.abort(new AbortedError("Another part of the same work failed, or its result is no longer needed."));
    for (const late of await Promise.allSettled(running.values())) {
      if (late.status === "fulfilled") options.discard(late.value.result);
    }
  }
}
