import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NumberList } from "./number-list.js";

const blockSize = 1024 * 1024;
/** Bytes in memory; everything after them is on disk. */
const memoryLimit = 8 * blockSize;

/**
 * Texts by number, kept outside the heap: the first ones as bytes in memory, the others in a file that only this
 * user can read. A workbook's shared strings may be millions.
 */
export class TextArena implements Disposable {
  readonly #blocks: Buffer[] = [];
  readonly #limit: number;
  /** Where each text starts: an offset over all blocks, or `-1` minus its offset in the file. */
  readonly #places = new NumberList();
  readonly #lengths = new NumberList();
  /** Bytes of the last block. */
  #used = 0;
  #file: SpillFile | null = null;

  /** @param limit - Bytes in memory, for tests. @defaultValue 8 MB */
  constructor(limit = memoryLimit) {
    this.#limit = limit;
  }

  add(text: string): void {
    const length = Buffer.byteLength(text);
    this.#places.add(
      this.#file === null && length <= blockSize ? this.#keep(text, length) : this.#spill(text),
    );
    this.#lengths.add(length);
  }

  /** `null` when there is none of this number. */
  get(index: number): string | null {
    const place = this.#places.get(index);
    const length = this.#lengths.get(index);
    if (place === null || length === null) return null;
    if (place < 0) return this.#file?.read(-1 - place, length) ?? null;
    const start = place % blockSize;
    return this.#blocks[Math.floor(place / blockSize)]?.toString("utf8", start, start + length) ?? null;
  }

  /** Deletes the file, if there is one. */
  [Symbol.dispose](): void {
    this.#file?.close();
    this.#file = null;
  }

  #keep(text: string, length: number): number {
    if (this.#blocks.length === 0 || this.#used + length > blockSize) {
      if ((this.#blocks.length + 1) * blockSize > this.#limit) return this.#spill(text);
      this.#blocks.push(Buffer.allocUnsafeSlow(blockSize));
      this.#used = 0;
    }
    const block = this.#blocks.length - 1;
    const place = block * blockSize + this.#used;
    this.#blocks[block]?.write(text, this.#used, "utf8");
    this.#used += length;
    return place;
  }

  #spill(text: string): number {
    this.#file ??= new SpillFile();
    return -1 - this.#file.append(text);
  }
}

/** Bytes in a file, appended at its end and read from anywhere. Its reads come from the system's cache. */
class SpillFile {
  readonly #directory = mkdtempSync(join(tmpdir(), "titan-sync-workbook-"));
  readonly #descriptor = openSync(join(this.#directory, "texts"), "wx+", 0o600);
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #size = 0;

  /** @returns where it begins. */
  append(text: string): number {
    const place = this.#size;
    const bytes = Buffer.from(text);
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    this.#size += bytes.length;
    if (this.#pendingBytes >= blockSize) this.#flush();
    return place;
  }

  read(place: number, length: number): string {
    this.#flush();
    const bytes = Buffer.allocUnsafe(length);
    let read = 0;
    while (read < length) {
      const count = readSync(this.#descriptor, bytes, read, length - read, place + read);
      if (count === 0) throw new Error("The temporary file of a workbook's texts was truncated.");
      read += count;
    }
    return bytes.toString("utf8");
  }

  close(): void {
    closeSync(this.#descriptor);
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #flush(): void {
    if (this.#pendingBytes === 0) return;
    const bytes = Buffer.concat(this.#pending);
    let written = 0;
    while (written < bytes.length) {
      const place = this.#size - bytes.length + written;
      written += writeSync(this.#descriptor, bytes, written, bytes.length - written, place);
    }
    this.#pending = [];
    this.#pendingBytes = 0;
  }
}
