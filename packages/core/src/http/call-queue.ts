import { abortedError } from "../async/aborted.js";
import type { Clock } from "../ports/clock.js";
import type { CallPriority } from "../ports/rate-limit-coordinator.js";

interface Waiter {
  readonly since: number;
  readonly proceed: () => void;
  readonly fail: (error: unknown) => void;
}

/** Calls that wait for their turn: interactive ones first, those of one priority in the order they came. */
export interface CallQueue {
  /**
   * Resolves when it is this call's turn; rejects when it is stopped, or all are failed.
   * @param onLeave - Called when a call left because its signal was aborted.
   */
  join(priority: CallPriority, signal: AbortSignal, onLeave: () => void): Promise<void>;
  length(): number;
  /** Of the call that is next. */
  priority(): CallPriority;
  /** How long the one that waits longest has waited, in milliseconds; 0 when none does. */
  longestWaitMs(): number;
  /** Lets the next one proceed. */
  serve(): void;
  /** Rejects all. */
  fail(error: unknown): void;
}

export function createCallQueue(clock: Clock): CallQueue {
  const waiting: Readonly<Record<CallPriority, Set<Waiter>>> = {
    interactive: new Set(),
    background: new Set(),
  };
  const priority = (): CallPriority => (waiting.interactive.size > 0 ? "interactive" : "background");
  const all = (): readonly Waiter[] => [...waiting.interactive, ...waiting.background];

  return {
    join: (of, signal, onLeave) =>
      new Promise<void>((resolve, reject) => {
        const leave = (): void => {
          waiting[of].delete(waiter);
          signal.removeEventListener("abort", stop);
        };
        const stop = (): void => {
          leave();
          reject(abortedError(signal));
          onLeave();
        };
        const waiter: Waiter = {
          since: clock.now(),
          proceed: () => {
            leave();
            resolve();
          },
          fail: (error) => {
            leave();
            reject(error);
          },
        };
        waiting[of].add(waiter);
        signal.addEventListener("abort", stop, { once: true });
      }),
    length: () => waiting.interactive.size + waiting.background.size,
    priority,
    longestWaitMs() {
      const since = all().map((waiter) => waiter.since);
      return since.length === 0 ? 0 : clock.now() - Math.min(...since);
    },
    serve() {
      const [next] = waiting[priority()];
      next?.proceed();
    },
    fail(error) {
      for (const waiter of all()) waiter.fail(error);
    },
  };
}
