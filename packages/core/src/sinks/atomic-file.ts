import { randomUUID } from "node:crypto";
import { access, type FileHandle, link, open, readdir, rename, rm } from "node:fs/promises";
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
 * Writes a file that appears whole or not at all, is readable by its owner only, and survives a power failure. It is
 * written next to its destination under an unguessable new name, so no symbolic link is followed. If the destination is
 * a link, the link is replaced, not its target.
 *
 * @param content - The text, or what writes it to the stream, which is ended afterwards.
 * @throws what `content` or the file system fails with; an existing file is unchanged then.
 * @example
 * await writeFileAtomically("/var/spool/members.csv", async (stream) => {
 *   for await (const rows of pages) stream.write(rows);
 * });
 *
 */
export async function writeFileAtomically(
  path: string,
  content: string | ((stream: Writable) => Promise<void>),
): Promise<void> {
  const write =
    typeof content === "string" ? async (stream: Writable) => void stream.write(content) : content;
  await makeFileAtomically(path, async (temporary) => fill(await open(temporary, "r+"), write));
}

/**
 * {@link writeFileAtomically} for what writes its file on its own.
 *
 * @param make - Gets the path of an empty file, which only its owner can read, and fills it.
 * @param overwrite - Whether to replace an existing file. Otherwise it is kept, and the error has the code `EEXIST`.
 * @defaultValue true
 */
export async function makeFileAtomically(
  path: string,
  make: (temporary: string) => Promise<void>,
  { overwrite = true }: { readonly overwrite?: boolean } = {},
): Promise<void> {
  const temporary = join(dirname(path), `${partialPrefix(path)}${randomUUID()}${partialSuffix}`);
  await (await open(temporary, "wx", 0o600)).close();
  try {
    await make(temporary);
    await synchronizeFile(temporary);
    await (overwrite ? rename(temporary, path) : placeNew(temporary, path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await synchronize(dirname(path));
}

/** Never replaces a file, not even one that has just appeared. */
async function placeNew(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") throw error;
    // A file system without hard links: checking and renaming are two steps there.
    if (await fileExists(path)) throw Object.assign(new Error("The file exists."), { code: "EEXIST" });
    return await rename(temporary, path);
  }
  await rm(temporary, { force: true });
}

/** Removes temporary files that killed writers of this file left behind. Call it only while nobody writes the file. */
export async function removePartialFiles(path: string): Promise<void> {
  const names = await readdir(dirname(path));
  const isPartial = (name: string): boolean =>
    name.startsWith(partialPrefix(path)) && name.endsWith(partialSuffix);
  for (const name of names.filter(isPartial)) await rm(join(dirname(path), name), { force: true });
}

const partialPrefix = (path: string): string => `.${basename(path)}.`;
const partialSuffix = ".partial";

/** Writes and closes the file. */
async function fill(file: FileHandle, write: (stream: Writable) => Promise<void>): Promise<void> {
  const stream = file.createWriteStream();
  const written = finished(stream);
  const broken = new AbortController();
  // For example a full disk, which the writer may never notice.
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

/** The name must not survive a power failure if the content does not. */
async function synchronizeFile(path: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The name is part of the directory's content. */
async function synchronize(directory: string): Promise<void> {
  // Windows cannot open directories; its file systems persist names on their own.
  if (process.platform === "win32") return;
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
