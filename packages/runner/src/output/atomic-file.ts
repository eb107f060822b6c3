import { open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";

/**
 * Writes a file that appears whole or not at all: under another name beside it first, for its owner only,
 * then in its place.
 */
export async function writeAtomically(
  path: string,
  fill: (stream: Writable) => Promise<void>,
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.partial`);
  // Open before anything is written: what is not there yet could not be removed.
  const stream = (await open(temporary, "w", 0o600)).createWriteStream();
  const written = finished(stream);
  // A failure is reported by the race below; by then nobody else may be listening.
  written.catch(() => undefined);
  try {
    await Promise.race([fill(stream), failureOf(written)]);
    stream.end();
    await written;
    await synchronise(temporary);
    await rename(temporary, path);
  } catch (error) {
    stream.destroy();
    await written.catch(() => undefined);
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Rejects with the stream's failure, such as a full disk, and never resolves. */
function failureOf(written: Promise<void>): Promise<never> {
  return new Promise((_, reject) => {
    written.catch(reject);
  });
}

/** The name must not outlive a power cut that the content does not. */
async function synchronise(path: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
