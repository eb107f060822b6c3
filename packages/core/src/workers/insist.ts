import type { Clock } from "../ports/clock.js";

const firstDelayMs = 250;
const maxDelayMs = 5_000;

/**
 * Repeats what fails until it succeeds, or `forMs` have passed.
 * @throws what it failed with last.
 */
export async function insist<Result>(
  work: () => Promise<Result>,
  { clock, forMs }: { readonly clock: Clock; readonly forMs: number },
): Promise<Result> {
  const until = clock.now() + forMs;
  for (let delayMs = firstDelayMs; ; delayMs = Math.min(2 * delayMs, maxDelayMs)) {
    try {
      return await work();
    } catch (error) {
      if (clock.now() + delayMs > until) throw error;
      await clock.sleep(delayMs);
    }
  }
}
