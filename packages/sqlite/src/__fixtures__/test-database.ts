import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqlite, type SqliteDatabase, type SqliteDatabaseOptions } from "../database/database.js";
import { migrate } from "../migrations/migrate.js";

export interface TestDatabase {
  readonly database: SqliteDatabase;
  readonly path: string;
  /** Closes the file and deletes it. */
  drop(): Promise<void>;
}

/** A file of its own with all tables. */
export async function createTestDatabase(
  options: Omit<SqliteDatabaseOptions, "path"> = {},
): Promise<TestDatabase> {
  const { path, remove } = temporaryPath();
  const database = openSqlite({ ...options, path });
  await migrate({ database });
  return {
    database,
    path,
    async drop() {
      await database.close();
      remove();
    },
  };
}

/** Where a database can be made. */
export function temporaryPath(): { readonly path: string; remove(): void } {
  const directory = mkdtempSync(join(tmpdir(), "titan-sync-sqlite-"));
  return {
    path: join(directory, "titan-sync.db"),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
