import { type PgPoolLike, pglitePool } from "@titan-sync/postgres";

/** The embedded database, open. */
export interface EmbeddedDatabase {
  readonly pool: PgPoolLike;
  close(): Promise<void>;
}

/**
 * It gathers no statistics by itself, and without them takes thousands of rows for one: a nested loop over
 * them costs seconds where any other join costs milliseconds. And a batch has room in memory.
 */
const settings = "SET enable_nestloop = off; SET work_mem = '32MB'";

/** Opens the embedded database in a directory, creating it when it is empty. Take the directory's lock first. */
export async function openEmbedded(path: string): Promise<EmbeddedDatabase> {
  // It takes its time and memory: only programs that use it load it.
  const { PGlite } = await import("@electric-sql/pglite");
  const database = await PGlite.create(path);
  await database.exec(settings);
  return { pool: pglitePool(database), close: () => database.close() };
}
