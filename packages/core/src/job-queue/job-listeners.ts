/** Who wants to know that jobs may have become available. */
export class JobListeners {
  readonly #listeners = new Set<() => void>();

  /** @returns what removes the listener. May be called twice. */
  add(listener: () => void): () => void {
    // The same function may be added twice, and each time is removed by itself.
    const added = (): void => listener();
    this.#listeners.add(added);
    return () => void this.#listeners.delete(added);
  }

  /** Never fails: a queue's work does not depend on its listeners. */
  call(): void {
    for (const listener of this.#listeners) {
      try {
        listener();
      } catch {
        // It was promised not to throw, and polls anyway.
      }
    }
  }

  clear(): void {
    this.#listeners.clear();
  }
}
