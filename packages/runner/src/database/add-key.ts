import { open, realpath, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ConflictError, generateEncryptionKey } from "@titan-sync/core";
import { lock } from "proper-lockfile";
import { readKeyFile } from "./key-file.js";

/** Whoever holds the lock and shows no sign of life for so long was killed. */
const silentMs = 5_000;
const timeoutMs = 20_000;
const lookAgainMs = 100;

/**
 * Puts a new key in front of those in the key file, unless it is not wanted. The file is whole at every
 * moment, and the new key is on the disk for good before this resolves: what is encrypted with it can be read.
 *
 * @param isWanted - asked while no other process adds one.
 * @returns whether there is a new one.
 * @throws {@link ConflictError} when another process does not let go of the file.
 */
export async function addKey(
  keyFile: string,
  isWanted: () => Promise<boolean>,
  signal: AbortSignal,
): Promise<boolean> {
  // The file may be a link to where keys are kept.
  const file = await realpath(keyFile);
  const release = await lockKeyFile(file, signal);
  try {
    if (!(await isWanted())) return false;
    const keys = (await readKeyFile(file)) ?? "";
    await replaceFile(file, `${[generateEncryptionKey(), ...keys.split(",")].join("\n")}\n`);
    return true;
  } finally {
    await release();
  }
}

async function lockKeyFile(file: string, signal: AbortSignal): Promise<() => Promise<void>> {
  const until = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await lock(file, { stale: silentMs, onCompromised: () => undefined });
    } catch (error) {
      if ((error as { code?: unknown }).code !== "ELOCKED") throw error;
      if (Date.now() >= until) {
        throw new ConflictError(`Another process is changing the key file ${file}.`, {
          hint: "Wait until it is done, then try again.",
        });
      }
    }
    await delay(lookAgainMs, undefined, { signal });
  }
}

async function replaceFile(file: string, text: string): Promise<void> {
  // One name, held under the lock: what a killed process left is not left for ever.
  const next = `${file}.next`;
  await rm(next, { force: true });
  const handle = await open(next, "wx", 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(next, file);
  await synchroniseDirectory(dirname(file));
}

/** Else a power cut could bring the old file back, when secrets are under the new key already. */
async function synchroniseDirectory(directory: string): Promise<void> {
  // Windows neither needs nor allows it.
  if (process.platform === "win32") return;
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
