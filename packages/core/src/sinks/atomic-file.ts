import { randomUUID } from "node:crypto";
import { access, type FileHandle, open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { orAborted } from "../async/aborted.js";

/** Whether there is such a file. */
export async function fileExists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

/**
 * Writes a file that appears whole or not at all, for its owner only, and outlives a power cut. It is written beside
 * its place under a name that nobody can guess, which must be new: no symbolic link is followed. A link in its place
 * is replaced, not what it leads to.
 *
 * @param content - The text, or what writes it to the stream, which is ended afterwards.
 * @throws what `content` or the file system fails with; then what was there stays.
 * @example
 * await writeFileAtomically("/var/spool/members.csv", async (stream) => {
 *   for await (const rows of pages) stream.write(rows);
 * });
 */
export async function writeFileAtomically(
  path: string,
  content: string | ((stream: Writable) => Promise<void>),
): Promise<void> {
  const temporary = join(dirname(path), `${partialPrefix(path)}${randomUUID()}${partialSuffix}`);
  const file = await open(temporary, "wx", 0o600);
  try {
    await fill(file, typeof content === "string" ? async (stream) => void stream.write(content) : content);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await synchronize(dirname(path));
}

/** Removes what processes that were killed while they wrote this file left beside it. Only while nobody writes it. */
export async function removePartialFiles(path: string): Promise<void> {
  const names = await readdir(dirname(path));
  const isPartial = (name: string): boolean =>
    name.startsWith(partialPrefix(path)) && name.endsWith(partialSuffix);
  for (const name of names.filter(isPartial)) await rm(join(dirname(path), name), { force: true });
}

const partialPrefix = (path: string): string => `.${basename(path)}.`;
const partialSuffix = ".partial";

/** Writes, synchronizes and closes the file. */
async function fill(file: FileHandle, write: (stream: Writable) => Promise<void>): Promise<void> {
  const stream = file.createWriteStream({ flush: true });
  const written = finished(stream);
  const broken = new AbortController();
  // A full disk, say, of which the one who writes may never hear.
  written.catch((error: unknown) => broken.abort(error));
  try {
    await orAborted(() => write(stream), broken.signal);
    stream.end();
    await written;
  } catch (error) {
    const failure = stream.errored ?? error;
    stream.destroy();
    await written.catch(() => undefined);
    throw failure;
  }
}

/** The name is the directory's content. */
async function synchronize(directory: string): Promise<void> {
  // Windows opens no directories; its file systems keep names without being asked.
  if (process.platform === "win32") return;
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
