import { chmodSync, closeSync, existsSync, mkdirSync, openSync, statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { ConfigError } from "@titan-sync/core";

/** What kind of file system a path is on, as `statfs` reports it. */
export type FileSystemType = (path: string) => number;

/** Magic numbers of network file systems: locks and shared memory do not work there. */
const networkFileSystems: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB2"],
  [0x5346414f, "AFS"],
  [0x01021997, "9P"],
  [0x00c36400, "Ceph"],
  [0x0bd00bd0, "Lustre"],
  [0x47504653, "GPFS"],
  [0x73757245, "Coda"],
]);

export const systemFileSystemType: FileSystemType = (path) => Number(statfsSync(path).type) >>> 0;

const forOwnerOnly = 0o600;
const directoryForOwnerOnly = 0o700;
/** Windows has no such modes: a file is as private as its directory. */
const hasModes = process.platform !== "win32";

/**
 * Makes sure that there is a file, that only its owner can read it, and that it is where SQLite can work. A directory
 * that is missing is made.
 *
 * @throws `ConfigError` that says what to change.
 */
export function prepareFile(path: string, typeOf: FileSystemType): void {
  const directory = dirname(path);
  requireLocal(directory, typeOf);
  attempt(path, () => mkdirSync(directory, { recursive: true, mode: directoryForOwnerOnly }));
  requireClosed(directory);
  // Created with its mode, so that nobody can open it in between.
  attempt(path, () => closeSync(openSync(path, "a", forOwnerOnly)));
  // SQLite creates the files next to it with the same mode.
  for (const file of [path, `${path}-wal`, `${path}-shm`]) {
    if (hasModes && existsSync(file) && (statSync(file).mode & 0o777) !== forOwnerOnly) {
      attempt(path, () => chmodSync(file, forOwnerOnly));
    }
  }
}

function requireLocal(directory: string, typeOf: FileSystemType): void {
  const name = networkFileSystems.get(typeOf(firstExisting(directory)));
  if (name === undefined) return;
  throw new ConfigError(`${directory} is on a network file system (${name}).`, {
    hint: "SQLite's locks do not hold there. Use a local disk, or PostgreSQL.",
  });
}

function requireClosed(directory: string): void {
  const mode = statSync(directory).mode & 0o777;
  if (!hasModes || (mode & 0o077) === 0) return;
  throw new ConfigError(`The directory ${directory} is open to other users (mode ${mode.toString(8)}).`, {
    hint: `Credentials and personal data lie in it. Run \`chmod 700 ${directory}\`, or name another directory.`,
  });
}

function firstExisting(directory: string): string {
  const parent = dirname(directory);
  return existsSync(directory) || parent === directory ? directory : firstExisting(parent);
}

function attempt(path: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    throw new ConfigError(`The database ${path} cannot be written (${code}).`, {
      cause: error,
      hint: "Give this user the right to write to the directory, or name another one.",
    });
  }
}
