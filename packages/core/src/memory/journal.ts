import { decodeCursor } from "../paging/page-cursor.js";
import type { Page, PageRequest } from "../ports/page.js";
import { takePage } from "./paging.js";

interface Entry<Value> {
  /** Grows with each entry, so that two of the same millisecond still have an order. */
  readonly place: number;
  readonly value: Value;
}

/** Keyed values in the order in which they were added, listed from the newest. */
export class Journal<Value> {
  readonly #name: string;
  readonly #entries = new Map<string, Entry<Value>>();
  #lastPlace = 0;

  /** @param name - distinguishes journals in cursors. */
  constructor(name: string) {
    this.#name = name;
  }

  get(key: string): Value | null {
    return this.#entries.get(key)?.value ?? null;
  }

  /** Adds a value, or moves a known one to the end. */
  append(key: string, value: Value): void {
    this.#entries.delete(key);
    this.#lastPlace += 1;
    this.#entries.set(key, { place: this.#lastPlace, value });
  }

  /** Replaces a value in place; does nothing for an unknown key. */
  replace(key: string, value: Value): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined) this.#entries.set(key, { place: entry.place, value });
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  /** Deletes what matches, in order and up to the limit, and returns how many that were. */
  deleteWhere(matches: (value: Value) => boolean, limit = Number.POSITIVE_INFINITY): number {
    let deleted = 0;
    for (const [key, { value }] of this.#entries) {
      if (deleted >= limit) break;
      if (!matches(value)) continue;
      this.#entries.delete(key);
      deleted += 1;
    }
    return deleted;
  }

  newestFirst(): readonly Value[] {
    return this.#reversed().map((entry) => entry.value);
  }

  /** A page of what matches, newest first. */
  page(matches: (value: Value) => boolean, request: PageRequest): Page<Value> {
    const [after] = decodeCursor(this.#name, 1, request) ?? [];
    const page = takePage(
      this.#name,
      this.#reversed().filter(
        ({ place, value }) => (after === undefined || place < Number(after)) && matches(value),
      ),
      request,
      ({ place }) => [String(place)],
    );
    return { items: page.items.map((entry) => entry.value), next: page.next };
  }

  #reversed(): Entry<Value>[] {
    return [...this.#entries.values()].reverse();
  }
}
