import { realpath, rm, stat } from "node:fs/promises";
import { ConfigError, TitanSyncError } from "@titan-sync/core";
import { makeFileAtomically } from "@titan-sync/core/support";
import { openTarget, type SqliteDatabase } from "../database/database.js";
import { loadNodeSqlite } from "../database/node-sqlite.js";
import { toStorageError } from "../database/sqlite-error.js";

export interface BackUpOptions {
  readonly database: SqliteDatabase;
  /** The file to write, in a directory that exists. */
  readonly to: string;
  /** Replace the file if it exists. @defaultValue false */
  readonly overwrite?: boolean | undefined;
  /** Called after each copied part. */
  readonly onProgress?: ((progress: BackUpProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface BackUpProgress {
  readonly copiedPages: number;
  readonly totalPages: number;
}

/** Pages in a part, about 4 MB. The signal is checked after each part. */
const pagesInPart = 1000;

/**
 * Copies a database file as it is at one moment, while other connections and processes continue to read and write. The
 * copy is a complete database file that only its owner can read. If copying fails, no file appears.
 *
 * @returns the size of the copy in bytes.
 * @throws `ConfigError` when the file exists, or its directory is missing or cannot be written; `StorageError` when the
 * disk is full.
 *
 * @example
 * await backUp({ database, to: "/backup/titan-sync-2026-05-01.db" });
 */
export async function backUp(options: BackUpOptions): Promise<number> {
  const { to, overwrite = false, signal } = options;
  const { database } = openTarget({ database: options.database });
  signal?.throwIfAborted();
  await refuseOwnFiles(to, database.path);
  if (!overwrite && (await stat(to).catch(() => null)) !== null) throw exists(to);
  try {
    await makeFileAtomically(to, (temporary) => copyPages(database.path, temporary, options), { overwrite });
    return (await stat(to)).size;
  } catch (error) {
    signal?.throwIfAborted();
    throw explain(error, to);
  }
}

/** Copying a database over itself would destroy it. */
async function refuseOwnFiles(to: string, path: string): Promise<void> {
  const target = await realpath(to).catch(() => null);
  if (target === null) return;
  const own = await realpath(path);
  if (![own, `${own}-wal`, `${own}-shm`].includes(target)) return;
  throw new ConfigError(`${to} is the database itself.`, { hint: "Name another file for the copy." });
}

async function copyPages(
  path: string,
  temporary: string,
  { onProgress, signal }: Pick<BackUpOptions, "onProgress" | "signal">,
): Promise<void> {
  const { backup, DatabaseSync } = loadNodeSqlite();
  const source = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
  try {
    // Holds the state of this moment: without it, each write of another connection makes the copy start over.
    source.exec("BEGIN");
    source.prepare("SELECT count(*) FROM sqlite_schema").get();
    await backup(source, temporary, {
      rate: pagesInPart,
      progress({ totalPages, remainingPages }) {
        signal?.throwIfAborted();
        onProgress?.({ copiedPages: totalPages - remainingPages, totalPages });
      },
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw toStorageError(error);
  } finally {
    source.close();
    await rm(`${temporary}-journal`, { force: true });
  }
}

function explain(error: unknown, to: string): unknown {
  if (TitanSyncError.is(error)) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
  if (code === "EEXIST") return exists(to);
  return new ConfigError(`The file ${to} cannot be written (${code}).`, {
    hint: "Name a file in a directory that exists and that this user may write to.",
    cause: error,
  });
}

function exists(to: string): ConfigError {
  return new ConfigError(`The file ${to} exists.`, {
    hint: "Name another file, or ask for it to be overwritten.",
  });
}
