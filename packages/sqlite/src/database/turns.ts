/** Lets one work at a time, in the order in which they asked; the urgent ones first. */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  readonly #urgent: (() => void)[] = [];
  #isTaken = false;

  /** Waits for a turn. @returns what ends it, to be called once. */
  async take(isUrgent: boolean): Promise<() => void> {
    if (this.#isTaken) {
      await new Promise<void>((resolve) => {
        (isUrgent ? this.#urgent : this.#waiting).push(resolve);
      });
    }
    this.#isTaken = true;
    return () => this.#next();
  }

  #next(): void {
    const next = this.#urgent.shift() ?? this.#waiting.shift();
    // Passed on without a gap: later callers queue behind.
    if (next === undefined) this.#isTaken = false;
    else next();
  }
}
