import {
  migrate,
  migrationStatus,
  movedTo,
  openSqlite,
  type SqliteDatabase,
  type SqliteRateLimitCoordinator,
  sqliteJobQueue,
  sqliteRateLimitCoordinator,
  sqliteSink,
  sqliteStorage,
} from "@titan-sync/sqlite";
import {
  createDataDirectory,
  dataPaths,
  requireDataDirectory,
  requireEmbeddedDatabase,
} from "./data-directory.js";
import type { OpenDatabase } from "./open-database.js";

/** The embedded database. */
export interface EmbeddedDatabase extends OpenDatabase {
  readonly kind: "embedded";
  readonly file: SqliteDatabase;
}

/**
 * Opens the embedded database in a data directory.
 *
 * @param create - create what is missing.
 * @throws {@link ConfigError} when it is missing or cannot be used, {@link StorageError} when it is damaged.
 */
export async function openEmbedded(directory: string, create: boolean): Promise<EmbeddedDatabase> {
  const { database: path, rateLimits } = dataPaths(directory);
  if (create) await createDataDirectory(directory);
  else {
    await requireDataDirectory(directory);
    await requireEmbeddedDatabase(directory);
  }
  const file = openSqlite({ path });
  const coordinators: SqliteRateLimitCoordinator[] = [];
  return {
    kind: "embedded",
    file,
    name: `embedded, ${path}`,
    storage: () => sqliteStorage({ database: file }),
    sink: () => sqliteSink({ database: file }),
    rateLimitCoordinator() {
      const coordinator = sqliteRateLimitCoordinator({ path: rateLimits });
      coordinators.push(coordinator);
      return coordinator;
    },
    async openJobQueue() {
      const queue = sqliteJobQueue({ database: file });
      // What is wrong with it should be reported now rather than at the first job.
      await queue.stats();
      return queue;
    },
    migrate: (step) => migrate({ database: file, ...step }),
    migrationStatus: () => migrationStatus({ database: file }),
    describeServer: async () => ({ product: `SQLite ${process.versions["sqlite"]}`, remedy: null }),
    async checkMove() {
      const target = await movedTo({ database: file });
      return target === null
        ? null
        : `The data was moved to ${target}. This is how it was then. Set TITAN_SYNC_DATABASE_URL to work with it.`;
    },
    async close() {
      for (const coordinator of coordinators.splice(0)) await coordinator.close();
      await file.close();
    },
  };
}
