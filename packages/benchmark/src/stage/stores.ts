import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RecordSinkObject, Storage } from "@titan-sync/core";
import { postgresSink, postgresStorage } from "@titan-sync/postgres";
import { migrate, openSqlite, sqliteSink, sqliteStorage } from "@titan-sync/sqlite";
import { withDatabase } from "./database.js";

/** A fresh database, as a sync uses it. */
export interface Stores {
  readonly storage: Storage;
  readonly sink: RecordSinkObject;
  /** What the database does in its own time after a large load, such as statistics. */
  settle(): Promise<void>;
}

/** Gives `work` a fresh database, deleted afterwards. */
export type WithStores = <Result>(work: (stores: Stores) => Promise<Result>) => Promise<Result>;

export function onPostgres(serverUrl: string): WithStores {
  return async (work) =>
    await withDatabase(serverUrl, async (pool) => {
      const storage = postgresStorage({ pool });
      const result = await work({
        storage,
        sink: postgresSink({ pool }),
        // As autovacuum does sooner or later.
        settle: async () => void (await pool.query("VACUUM ANALYZE")),
      });
      await storage.close();
      return result;
    });
}

export const onSqlite: WithStores = async (work) =>
  await withDirectory(async (directory) => {
    const database = openSqlite({ path: join(directory, "titan-sync.db") });
    await migrate({ database });
    const result = await work({
      storage: sqliteStorage({ database }),
      sink: sqliteSink({ database }),
      settle: async () => undefined,
    });
    await database.close();
    return result;
  });

/** Gives `work` its own directory, deleted afterwards. */
export async function withDirectory<Result>(work: (directory: string) => Promise<Result>): Promise<Result> {
  const directory = await mkdtemp(join(tmpdir(), "titan-sync-benchmark-"));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
