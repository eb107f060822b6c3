const chunkSize = 64 * 1024;

/** A list of whole numbers that only grows, outside the heap, and without copying what it has. */
export class NumberList {
  readonly #chunks: Float64Array[] = [];
  #count = 0;

  add(value: number): void {
    const place = this.#count % chunkSize;
    if (place === 0) this.#chunks.push(new Float64Array(chunkSize));
    const chunk = this.#chunks.at(-1);
    if (chunk !== undefined) chunk[place] = value;
    this.#count += 1;
  }

  /** `null` when there is none of this number. */
  get(index: number): number | null {
    if (!Number.isInteger(index) || index < 0 || index >= this.#count) return null;
    return this.#chunks[Math.floor(index / chunkSize)]?.[index % chunkSize] ?? null;
  }
}
