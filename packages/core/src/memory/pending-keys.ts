import type { ReadKey } from "../ports/work-queue.js";
import { OrderedMap } from "./ordered-map.js";
import type { LeaseHolder } from "./run-table.js";

export interface PendingKey {
  readonly sequence: number;
  /** Void for every other owner. */
  claimedBy: LeaseHolder | null;
  /** The last of the entities it leads to that replaced it; `null` if none did. */
  expandedTo: string | null;
}

/** Keys of one tenant, record type and feed that are still to be derived or expanded. */
export class PendingKeys {
  readonly #keys = new OrderedMap<PendingKey>();
  readonly #nextSequence: () => number;

  constructor(nextSequence: () => number) {
    this.#nextSequence = nextSequence;
  }

  get size(): number {
    return this.#keys.size;
  }

  /** Enqueues a key. One that is already pending gets a new sequence, remains claimed, and expands again. */
  add(id: string): void {
    const claimedBy = this.#keys.get(id)?.claimedBy ?? null;
    this.#keys.set(id, { sequence: this.#nextSequence(), claimedBy, expandedTo: null });
  }

  claim(
    owner: LeaseHolder,
    { after, limit }: { readonly after: string | null; readonly limit: number },
    accepts: (id: string) => boolean,
  ): readonly ReadKey[] {
    const claimed: ReadKey[] = [];
    for (const [id, key] of this.#keys.above(after)) {
      if (claimed.length >= limit) break;
      if (key.claimedBy === owner || !accepts(id)) continue;
      key.claimedBy = owner;
      claimed.push({ id, sequence: key.sequence });
    }
    return claimed;
  }

  /** Claims a key for an owner, even if another owner has it; does nothing if it is not pending. */
  hold(owner: LeaseHolder, id: string): void {
    const key = this.#keys.get(id);
    if (key !== null) key.claimedBy = owner;
  }

  /** Removes a key, or releases it if it was enqueued again since it was read. */
  settle({ id, sequence }: ReadKey): void {
    const key = this.#keys.get(id);
    if (key === null) return;
    if (key.sequence === sequence) this.#keys.delete(id);
    else key.claimedBy = null;
  }

  /** Ascending by id; `null` begins with the lowest. */
  above(after: string | null): Iterable<readonly [id: string, key: PendingKey]> {
    return this.#keys.above(after);
  }

  remove(id: string): void {
    this.#keys.delete(id);
  }
}
