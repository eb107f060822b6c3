import { compareIds } from "./compare-ids.js";

/**
 * A map by id that can be walked in ascending order of ids as numbers. Ids mostly arrive in ascending runs,
 * so that the order is put right only when somebody walks: writing stays as cheap as in a plain map.
 */
export class OrderedMap<Value> {
  readonly #values = new Map<string, Value>();
  /** Ascending, each id once; may still hold ids that were deleted. */
  #ordered: string[] = [];
  /** Ids that are not in order yet; may repeat ids of the other list. */
  #added: string[] = [];

  get size(): number {
    return this.#values.size;
  }

  has(id: string): boolean {
    return this.#values.has(id);
  }

  get(id: string): Value | null {
    return this.#values.get(id) ?? null;
  }

  set(id: string, value: Value): void {
    if (!this.#values.has(id)) this.#add(id);
    this.#values.set(id, value);
  }

  delete(id: string): void {
    this.#values.delete(id);
  }

  /** Ascending, from above `after`; `null` begins with the lowest. Entries may be deleted on the way. */
  *above(after: string | null): Generator<readonly [id: string, value: Value]> {
    this.#putInOrder();
    const ordered = this.#ordered;
    for (let index = after === null ? 0 : firstAbove(ordered, after); index < ordered.length; index += 1) {
      const id = ordered[index];
      if (id === undefined) return;
      const value = this.#values.get(id);
      if (value !== undefined) yield [id, value];
    }
  }

  #add(id: string): void {
    const last = this.#ordered.at(-1);
    if (this.#added.length === 0 && (last === undefined || compareIds(last, id) < 0)) this.#ordered.push(id);
    else this.#added.push(id);
  }

  #putInOrder(): void {
    const mostlyDeleted = this.#ordered.length > 2 * this.#values.size;
    if (this.#added.length === 0 && !mostlyDeleted) return;
    const added = this.#added.sort(compareIds);
    this.#ordered = merge(this.#ordered, added).filter((id) => this.#values.has(id));
    this.#added = [];
  }
}

/** Merges two ascending lists; an id of both, or twice in one, is kept once. */
function merge(left: readonly string[], right: readonly string[]): string[] {
  const merged: string[] = [];
  const push = (id: string): void => {
    if (merged.at(-1) !== id) merged.push(id);
  };
  let next = 0;
  for (const id of left) {
    for (let other = right[next]; other !== undefined && compareIds(other, id) < 0; other = right[next]) {
      push(other);
      next += 1;
    }
    push(id);
  }
  for (const id of right.slice(next)) push(id);
  return merged;
}

/** Index of the first id above `after`, by halving. */
function firstAbove(ordered: readonly string[], after: string): number {
  let low = 0;
  let high = ordered.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareIds(ordered[middle] ?? after, after) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
