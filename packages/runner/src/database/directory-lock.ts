import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { ConflictError, StorageError } from "@titan-sync/core";
import { lock } from "proper-lockfile";
import { readHolder, stateOfHolder, writeHolder } from "./lock-holder.js";

/** A data directory that this process alone may use. */
export interface DirectoryLock {
  /** May be called twice. */
  release(): Promise<void>;
}

/** How often the holder shows that it is there, and after how long a silent one that cannot be seen is gone. */
const beatMs = 5_000;
const silentMs = 30_000;
/** Taking the lock is a matter of milliseconds; whoever needs longer has died on the way. */
const guardMs = 5_000;

/**
 * Takes a data directory for this process: the embedded database does not notice a second process, and
 * loses rows to it.
 *
 * A lock that a dead process left is taken over at once. One whose holder is alive is never taken, however
 * long it has been silent; one whose holder cannot be seen, on another machine, after half a minute of silence.
 *
 * @param onLost - called when somebody removed the lock under our hands.
 * @throws {@link ConflictError} that names the holder's pid.
 */
export async function lockDirectory(
  directory: string,
  onLost: (error: StorageError) => void,
): Promise<DirectoryLock> {
  const lockPath = join(directory, "lock");
  const holderFile = join(directory, "lock.json");

  // One at a time: two that find a dead holder must not remove each other's new lock.
  const guardPath = join(directory, "lock.guard");
  const releaseGuard = await lock(guardPath, {
    ...asNamed(guardPath),
    stale: guardMs,
    retries: { retries: 80, factor: 1, minTimeout: 100, maxTimeout: 100 },
    onCompromised: () => undefined,
  });
  let unlock: () => Promise<void>;
  try {
    await refuseIfHeld(directory, lockPath, holderFile);
    await rm(lockPath, { recursive: true, force: true });
    unlock = await lock(lockPath, {
      ...asNamed(lockPath),
      // Whether a lock is stale was decided above.
      stale: Number.POSITIVE_INFINITY,
      update: beatMs,
      onCompromised: () => onLost(lostError(directory)),
    });
    await writeHolder(holderFile);
  } finally {
    await releaseGuard();
  }

  let released: Promise<void> | null = null;
  return {
    release() {
      released ??= rm(holderFile, { force: true }).then(() => unlock());
      return released;
    },
  };
}

/** Without these the library looks for the locked thing itself, and knows one lock a thing. */
function asNamed(path: string): { readonly lockfilePath: string; readonly realpath: false } {
  return { lockfilePath: path, realpath: false };
}

async function refuseIfHeld(directory: string, lockPath: string, holderFile: string): Promise<void> {
  const found = await stat(lockPath).catch(() => null);
  if (found === null) return;
  const holder = await readHolder(holderFile);
  const state = await stateOfHolder(holder);
  const silentForMs = Date.now() - found.mtimeMs;
  if (state === "dead" || (state === "unknown" && silentForMs > silentMs)) return;

  const who = holder === null ? "another process" : `process ${holder.pid} on ${holder.host}`;
  const since = holder === null ? "" : ` since ${holder.since}`;
  throw new ConflictError(`The data directory ${directory} is in use by ${who}${since}.`, {
    hint:
      "The embedded database serves one process at a time. Wait for it or stop it, or let " +
      "TITAN_SYNC_DATABASE_URL name a PostgreSQL database, which serves many.",
  });
}

function lostError(directory: string): StorageError {
  return new StorageError(`The lock of the data directory ${directory} was removed while it was in use.`, {
    hint: "Something deleted files in the data directory. Start again when nothing else uses it.",
  });
}
