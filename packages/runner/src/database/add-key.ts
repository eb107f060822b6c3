import { realpath } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { ConflictError, generateEncryptionKey } from "@titan-sync/core";
import { removePartialFiles, writeFileAtomically } from "@titan-sync/core/support";
import { lock } from "proper-lockfile";
import { readKeyFile } from "./key-file.js";

/** A lock holder without a sign of life for this long was killed. */
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
    // Nobody else writes it under the lock: files that killed processes left contain keys.
    await removePartialFiles(file);
    // Synced to disk: otherwise a power failure could restore the old file when secrets are already
    // encrypted with the new key.
    await writeFileAtomically(file, `${[generateEncryptionKey(), ...keys.split(",")].join("\n")}\n`);
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
          hint: "Wait until it has finished, then try again.",
        });
      }
    }
    await delay(lookAgainMs, undefined, { signal });
  }
}
