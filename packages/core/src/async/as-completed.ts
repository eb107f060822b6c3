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
  // No race of those that run: the slowest one would hold what all others gave until it ends itself.
  const running = new Map<number, Promise<void>>();
  const completed: Completed<Result>[] = [];
  let wake: () => void = () => undefined;
  let started = 0;

  async function run(index: number): Promise<void> {
    try {
      completed.push({ index, result: await work(items[index] as Item, signal) });
    } catch (failure) {
      completed.push({ index, failure });
    }
    wake();
  }

  try {
    for (;;) {
      while (running.size < options.limit && started < items.length) {
        running.set(started, run(started));
        started += 1;
      }
      if (running.size === 0) return;
      if (completed.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const next = completed.shift();
      if (next === undefined) continue;
      if ("failure" in next) throw next.failure;
      running.delete(next.index);
      yield next.result;
    }
  } finally {
    stop.abort(new AbortedError("Another part of the same work failed, or its result is no longer needed."));
    await Promise.all(running.values());
    for (const late of completed) if ("result" in late) options.discard(late.result);
  }
}

type Completed<Result> = { readonly index: number } & (
  | { readonly result: Result }
  | { readonly failure: unknown }
);
