import { setImmediate as turn } from "node:timers/promises";

/** How long statements may run in a row before timers and signals get a turn, in milliseconds. */
const longestMs = 10;

/**
 * Statements run at once and hold up everything else in the process. Whoever does one after the other comes by here: so
 * heartbeats and signals are served in between.
 */
export class Breathing {
  #since = performance.now();

  async breathe(): Promise<void> {
    if (performance.now() - this.#since < longestMs) return;
    await turn();
    this.#since = performance.now();
  }
}
