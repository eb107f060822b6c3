import { SinkError } from "../errors.js";

/** A transaction of the memory storage: what takes part in it writes when, and only if, it commits. */
export class MemoryTransaction {
  #writes: (() => void)[] | null = [];

  /** @throws {@link SinkError} when the transaction has ended. */
  onCommit(write: () => void): void {
    this.#pending().push(write);
  }

  /** Discards the writes of work that fails, and passes its error on. */
  async attempt<Result>(work: () => Promise<Result>): Promise<Result> {
    const before = this.#pending().length;
    try {
      return await work();
    } catch (error) {
      this.#writes?.splice(before);
      throw error;
    }
  }

  commit(): void {
    const writes = this.#pending();
    this.#writes = null;
    for (const write of writes) write();
  }

  /** Discards pending writes. Does nothing when the transaction has ended. */
  rollback(): void {
    this.#writes = null;
  }

  #pending(): (() => void)[] {
    if (this.#writes === null) throw new SinkError("The transaction has ended.", { retryable: false });
    return this.#writes;
  }
}
