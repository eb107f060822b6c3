import { chmod, mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { ConfigError } from "@titan-sync/core";

/** What lies where in a data directory. */
export function dataPaths(directory: string) {
  return {
    database: join(directory, "titan-sync.db"),
    /** Shared data about the calls that processes send; useless later. */
    rateLimits: join(directory, "rate-limits.db"),
    keyFile: join(directory, "encryption-keys"),
  } as const;
}

/**
 * Creates the directory for its owner only.
 * @returns whether it was created now.
 */
export async function createDataDirectory(directory: string): Promise<boolean> {
  const created = (await mkdir(directory, { recursive: true, mode: 0o700 })) !== undefined;
  // A directory that was created for this program; others may need access to a shared one.
  if (created || (await readdir(directory)).length === 0) await chmod(directory, 0o700);
  return created;
}

/** @throws {@link ConfigError} when there is no such directory yet. */
export async function requireDataDirectory(directory: string): Promise<void> {
  const found = await stat(directory).catch(() => null);
  if (found?.isDirectory() === true) return;
  throw new ConfigError(`There is no data directory ${directory}.`, {
    hint: 'Run "titan-sync init" first, or set TITAN_SYNC_DATA_DIR to the directory that it created.',
  });
}

/** @throws {@link ConfigError} when the directory holds no embedded database yet. */
export async function requireEmbeddedDatabase(directory: string): Promise<void> {
  if ((await stat(dataPaths(directory).database).catch(() => null)) !== null) return;
  throw new ConfigError(`The data directory ${directory} contains no database yet.`, {
    hint: 'Run "titan-sync init", or set TITAN_SYNC_DATABASE_URL to a PostgreSQL database.',
  });
}
