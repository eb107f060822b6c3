import { chmod, mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { ConfigError } from "@titan-sync/core";

/** What lies where in a data directory. */
export function dataPaths(directory: string): { readonly database: string; readonly keyFile: string } {
  return { database: join(directory, "database"), keyFile: join(directory, "encryption-keys") };
}

/**
 * Creates the directory for its owner only.
 * @returns whether it was created now.
 */
export async function createDataDirectory(directory: string): Promise<boolean> {
  const created = (await mkdir(directory, { recursive: true, mode: 0o700 })) !== undefined;
  // What the process's mask takes away is not meant to be added here, and nothing else is meant to be there.
  if (created) await chmod(directory, 0o700);
  return created;
}

/** @throws {@link ConfigError} when there is no such directory yet. */
export async function requireDataDirectory(directory: string): Promise<void> {
  const found = await stat(directory).catch(() => null);
  if (found?.isDirectory() === true) return;
  throw new ConfigError(`There is no data directory ${directory}.`, {
    hint: 'Run "titan-sync init" first, or let TITAN_SYNC_DATA_DIR name the directory that it created.',
  });
}

/** @throws {@link ConfigError} when the directory holds no embedded database yet. */
export async function requireEmbeddedDatabase(directory: string): Promise<void> {
  if ((await stat(dataPaths(directory).database).catch(() => null)) !== null) return;
  throw new ConfigError(`The data directory ${directory} holds no database yet.`, {
    hint: 'Run "titan-sync init", or let TITAN_SYNC_DATABASE_URL name a PostgreSQL database.',
  });
}
