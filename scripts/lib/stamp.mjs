import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Does a piece of work only when what it depends on, or what it made, has changed since it last succeeded.
 *
 * @param {object} work
 * @param {string} work.file Where the state after the last success is kept.
 * @param {() => Promise<string>} work.before Fingerprint of what the work depends on.
 * @param {() => Promise<string>} work.after Fingerprint of what the work makes.
 * @param {() => Promise<void>} work.perform
 * @returns {Promise<boolean>} Whether the work was done.
 */
export async function unlessUpToDate({ file, before, after, perform }) {
  // Taken before the work: changes made meanwhile are not part of its result.
  const dependencies = await before();
  if ((await readStamp(file)) === stamp(dependencies, await after())) return false;

  // Interrupted work must not look like finished work.
  await rm(file, { force: true });
  await perform();
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, stamp(dependencies, await after()));
  return true;
}

/**
 * @param {string} dependencies
 * @param {string} products
 * @returns {string}
 */
function stamp(dependencies, products) {
  return `${dependencies}\n${products}\n`;
}

/**
 * @param {string} file
 * @returns {Promise<string | null>}
 */
async function readStamp(file) {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "ENOENT") return null;
    throw error;
  }
}
