import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";

/**
 * Files below a directory, in a stable order.
 *
 * @param {string} directory
 * @param {(name: string) => boolean} [enters] Whether to look into a directory of that name.
 * @returns {Promise<string[]>} Absolute paths; none when the directory does not exist.
 */
export async function filesBelow(directory, enters = () => true) {
  const entries = await readdir(directory, { withFileTypes: true }).catch(none);
  const nested = await Promise.all(
    entries.map(async (entry) => {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) return enters(entry.name) ? await filesBelow(path, enters) : [];
      return entry.isFile() ? [path] : [];
    }),
  );
  return nested.flat().sort();
}

/**
 * One text that stands for the names and contents of files: it differs when any of them differs.
 *
 * @param {string} root Names count relative to it, so that a moved checkout keeps its fingerprints.
 * @param {readonly string[]} files Absolute paths. One that does not exist counts as such.
 * @returns {Promise<string>}
 */
export async function fingerprint(root, files) {
  const hash = createHash("sha256");
  for (const file of files) {
    const content = await readFile(file).catch(absent);
    hash.update(`${relative(root, file).split(sep).join("/")}\0${content?.length ?? "absent"}\0`);
    if (content !== null) hash.update(content);
  }
  return hash.digest("hex");
}

/**
 * @param {NodeJS.ErrnoException} error
 * @returns {never[]}
 */
function none(error) {
  if (error.code === "ENOENT") return [];
  throw error;
}

/**
 * @param {NodeJS.ErrnoException} error
 * @returns {null}
 */
function absent(error) {
  if (error.code === "ENOENT") return null;
  throw error;
}
