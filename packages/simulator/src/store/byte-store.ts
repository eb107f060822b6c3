import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where a text lies in its store. */
export interface KeptText {
  readonly block: number;
  readonly start: number;
  readonly length: number;
}

/**
 * Keeps texts as UTF-8, many to a block: a page is then put together by copying bytes, which is several times
 * faster than encoding it each time, and a large tenant's rows lie outside the garbage collector's reach. What is more
 * than a few megabytes lies in a temporary file.
 */
export interface ByteStore {
  keep(text: string): KeptText;
  read(kept: KeptText): Uint8Array;
}

const firstBlock = 16 * 1024;
const largestBlock = 1024 * 1024;
/** What stays in memory, in bytes. */
const mostInMemory = 4 * 1024 * 1024;

/** A block that is full and was written to the file, where it begins. */
type WrittenBlock = number;

export function createByteStore(inMemory = mostInMemory): ByteStore {
  const blocks: (Buffer | WrittenBlock)[] = [];
  let file: ScratchFile | null = null;
  let bytes = 0;
  let block = Buffer.allocUnsafeSlow(firstBlock);
  let used = 0;
  blocks.push(block);

  /** The current block is full, or too small for what comes. */
  function startBlock(least: number): void {
    bytes += used;
    if (bytes > inMemory) {
      file ??= createScratchFile();
      blocks[blocks.length - 1] = file.append(block.subarray(0, used));
    }
    block = Buffer.allocUnsafeSlow(Math.max(least, Math.min(largestBlock, block.length * 2)));
    used = 0;
    blocks.push(block);
  }

  return {
    keep(text) {
      const most = text.length * 3;
      if (block.length - used < most) startBlock(most);
      const length = block.write(text, used);
      const kept = { block: blocks.length - 1, start: used, length };
      used += length;
      return kept;
    },
    read({ block: index, start, length }) {
      const held = blocks[index];
      if (typeof held === "object") return held.subarray(start, start + length);
      if (held === undefined || file === null) throw new RangeError("The store has no such text.");
      return file.read(held + start, length);
    },
  };
}

/** A file that is gone when the process ends. */
interface ScratchFile {
  /** @returns where the bytes begin. */
  append(bytes: Uint8Array): number;
  read(position: number, length: number): Uint8Array;
}

function createScratchFile(): ScratchFile {
  const directory = mkdtempSync(join(tmpdir(), "titan-sync-simulator-"));
  const descriptor = openSync(join(directory, "rows"), "wx+", 0o600);
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  try {
    // An open file needs no name; where the system wants one, it goes with the process.
    remove();
  } catch {
    process.once("exit", () => {
      closeSync(descriptor);
      remove();
    });
  }
  let end = 0;
  return {
    append(bytes) {
      const position = end;
      for (let written = 0; written < bytes.length; ) {
        written += writeSync(descriptor, bytes, written, bytes.length - written, position + written);
      }
      end += bytes.length;
      return position;
    },
    read(position, length) {
      const bytes = Buffer.allocUnsafe(length);
      for (let filled = 0; filled < length; ) {
        const count = readSync(descriptor, bytes, filled, length - filled, position + filled);
        if (count === 0) throw new RangeError("The store's file was cut.");
        filled += count;
      }
      return bytes;
    },
  };
}

/** Puts a page together: what stands before the rows, the rows with commas between them, and what follows. */
export function joinRows(
  before: string,
  rows: readonly Uint8Array[],
  after: string,
): Uint8Array<ArrayBuffer> {
  const head = Buffer.from(before);
  const tail = Buffer.from(after);
  const commas = Math.max(0, rows.length - 1);
  const bytes = Buffer.allocUnsafeSlow(
    rows.reduce((sum, row) => sum + row.length, head.length + tail.length + commas),
  );
  bytes.set(head, 0);
  let position = head.length;
  for (const [index, row] of rows.entries()) {
    if (index > 0) {
      bytes[position] = comma;
      position += 1;
    }
    bytes.set(row, position);
    position += row.length;
  }
  bytes.set(tail, position);
  return bytes;
}

const comma = 0x2c;
