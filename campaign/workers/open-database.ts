import type { RecordSinkObject, Storage } from "@titan-sync/core";
import { type PgPoolLike, postgresSink, postgresStorage } from "@titan-sync/postgres";
import { openSqlite, sqliteSink, sqliteStorage } from "@titan-sync/sqlite";
import { Pool } from "pg";

/** Which database a worker opens. */
export type DatabasePlan =
  | { readonly kind: "PostgreSQL"; readonly url: string }
  | { readonly kind: "SQLite"; readonly path: string };

export interface OpenedDatabase {
  readonly storage: Storage;
  readonly sink: RecordSinkObject;
  close(): Promise<void>;
}

/** @param watch - gives the pool that is used instead. */
export async function openDatabase(
  plan: DatabasePlan,
  watch: (pool: PgPoolLike) => PgPoolLike = (pool) => pool,
): Promise<OpenedDatabase> {
  if (plan.kind === "PostgreSQL") {
    const pool = new Pool({ connectionString: plan.url, max: 8 });
    pool.on("error", () => undefined);
    const watched = watch(pool);
    return {
      storage: postgresStorage({ pool: watched }),
      sink: postgresSink({ pool: watched }),
      close: () => pool.end(),
    };
  }
  const database = openSqlite({ path: plan.path });
  return {
    storage: sqliteStorage({ database }),
    sink: sqliteSink({ database }),
    close: () => database.close(),
  };
}
