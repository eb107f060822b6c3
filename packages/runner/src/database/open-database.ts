import { StorageError } from "@titan-sync/core";
import type { PgPoolLike } from "@titan-sync/postgres";
import type { Settings } from "../configuration/load-settings.js";
import {
  createDataDirectory,
  dataPaths,
  requireDataDirectory,
  requireEmbeddedDatabase,
} from "./data-directory.js";
import { type DirectoryLock, lockDirectory } from "./directory-lock.js";
import { openEmbedded } from "./open-embedded.js";
import { openPostgres } from "./open-postgres.js";

/** A database, as the commands need it. */
export interface OpenDatabase {
  readonly pool: PgPoolLike;
  /** What it is, for people; never with a password. */
  readonly name: string;
  /** Aborted when the database must not be used any more. */
  readonly lost: AbortSignal;
  /** May be called twice. */
  close(): Promise<void>;
}

export interface OpenDatabaseOptions {
  /** Create the embedded database when there is none, instead of refusing. */
  readonly create: boolean;
}

/**
 * Opens the configured database. The embedded one is locked first.
 *
 * @throws {@link ConfigError} when there is no embedded database yet, {@link ConflictError} when another
 * process has it, {@link StorageError} when PostgreSQL cannot be reached.
 */
export async function openDatabase(
  settings: Settings,
  { create }: OpenDatabaseOptions,
): Promise<OpenDatabase> {
  if (settings.databaseUrl !== null) return openPostgres(settings.databaseUrl);

  const directory = settings.dataDirectory;
  const paths = dataPaths(directory);
  if (create) await createDataDirectory(directory);
  else {
    await requireDataDirectory(directory);
    await requireEmbeddedDatabase(directory);
  }
  const lost = new AbortController();
  const lock = await lockDirectory(directory, (error) => lost.abort(error));
  return openLocked(paths.database, lock, lost.signal);
}

async function openLocked(path: string, lock: DirectoryLock, lost: AbortSignal): Promise<OpenDatabase> {
  try {
    const { pool, close } = await openEmbedded(path);
    let closed: Promise<void> | null = null;
    return {
      pool,
      name: `embedded, ${path}`,
      lost,
      close() {
        // The lock outlives the database: nobody may open what is not closed.
        closed ??= closeBoth(close, lock);
        return closed;
      },
    };
  } catch (error) {
    await lock.release();
    throw new StorageError(`The embedded database ${path} does not open.`, {
      hint: "If its files were copied or changed, restore them; or start over in another TITAN_SYNC_DATA_DIR.",
      cause: error,
    });
  }
}

async function closeBoth(close: () => Promise<void>, lock: DirectoryLock): Promise<void> {
  try {
    await close();
  } finally {
    await lock.release();
  }
}
