import { StorageError } from "../errors.js";

/** A transaction of the memory storage: what takes part in it writes when, and only if, it commits. */
export class MemoryTransaction {
  #writes: (() => void)[] | null = [];

  /** @throws {@link StorageError} when the transaction has ended. */
  onCommit(write: () => void): void {
    this.#pending().push(write);
  }

  commit(): void {
    const writes = this.#pending();
    this.#writes = null;
    for (const write of writes) write();
  }

  /** Forgets what was to be written. Does nothing when the transaction has ended. */
  rollback(): void {
    this.#writes = null;
  }

  #pending(): (() => void)[] {
    if (this.#writes === null) throw new StorageError("The transaction has ended.");
    return this.#writes;
  }
}
