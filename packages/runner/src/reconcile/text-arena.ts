const blockSize = 16 * 1024 * 1024;

/** Texts by number, kept as bytes outside the heap: a workbook's shared strings may be millions. */
export class TextArena {
  readonly #blocks: Buffer[] = [];
  /** Where each text begins, as a place over all blocks, and its length. */
  #places = new Float64Array(1024);
  #lengths = new Uint32Array(1024);
  #count = 0;
  #used = blockSize;

  add(text: string): void {
    const length = Buffer.byteLength(text);
    if (this.#used + length > blockSize) {
      this.#blocks.push(Buffer.allocUnsafeSlow(Math.max(blockSize, length)));
      this.#used = 0;
    }
    const block = this.#blocks.length - 1;
    this.#blocks[block]?.write(text, this.#used, "utf8");
    this.#note(block * blockSize + Math.min(this.#used, blockSize - 1), length);
    this.#used += length;
  }

  /** `null` when there is none of this number. */
  get(index: number): string | null {
    if (index < 0 || index >= this.#count) return null;
    const place = this.#places[index] ?? 0;
    const start = place % blockSize;
    const block = this.#blocks[Math.floor(place / blockSize)];
    return block?.toString("utf8", start, start + (this.#lengths[index] ?? 0)) ?? null;
  }

  #note(place: number, length: number): void {
    if (this.#count === this.#places.length) {
      const [places, lengths] = [this.#places, this.#lengths];
      this.#places = new Float64Array(this.#count * 2);
      this.#lengths = new Uint32Array(this.#count * 2);
      this.#places.set(places);
      this.#lengths.set(lengths);
    }
    this.#places[this.#count] = place;
    this.#lengths[this.#count] = length;
    this.#count += 1;
  }
}
