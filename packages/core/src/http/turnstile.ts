import PQueue from "p-queue";
import { orAborted } from "../async/aborted.js";
import type { Clock } from "../ports/clock.js";
import type { CallPriority } from "../ports/rate-limit-coordinator.js";

/** As p-queue orders them: the highest first. */
export const queuePriority: Readonly<Record<CallPriority, number>> = { interactive: 1, background: 0 };

/** Calls that wait for their turn: interactive ones first, those of one priority in the order they came. */
export interface Turnstile {
  /**
   * Resolves when it is this call's turn.
   * @throws {@link AbortedError} when the signal is aborted before; the error with which all are rejected.
   */
  pass(priority: CallPriority, signal: AbortSignal): Promise<void>;
  length(): number;
  /** Of the call that is next. */
  priority(): CallPriority;
  /** How long the one that waits longest has waited, in milliseconds; 0 when none does. */
  longestWaitMs(): number;
  /** Lets the next one through. */
  admit(): void;
  /** Rejects all. */
  refuse(error: unknown): void;
}

/** A paused p-queue; each start lets one call through, and the limiter decides when. */
export function createTurnstile(clock: Clock): Turnstile {
  const queue = new PQueue({ autoStart: false });
  queue.addEventListener("active", () => queue.pause());
  const waiting = new Set<{ readonly since: number }>();
  let refusal: { readonly error: unknown } | null = null;

  function admit(): void {
    queue.start();
    // When nobody was waiting.
    queue.pause();
  }

  return {
    async pass(priority, signal) {
      const call = { since: clock.now() };
      waiting.add(call);
      const enter = (): void => {
        waiting.delete(call);
        if (refusal !== null) throw refusal.error;
      };
      try {
        await orAborted(() => queue.add(enter, { priority: queuePriority[priority], signal }), signal);
      } finally {
        waiting.delete(call);
      }
    },
    length: () => queue.size,
    priority: () =>
      queue.sizeBy({ priority: queuePriority.interactive }) > 0 ? "interactive" : "background",
    longestWaitMs() {
      const since = [...waiting].map((call) => call.since);
      return since.length === 0 ? 0 : clock.now() - Math.min(...since);
    },
    admit,
    refuse(error) {
      refusal = { error };
      while (queue.size > 0) admit();
      refusal = null;
    },
  };
}
