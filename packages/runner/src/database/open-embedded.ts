import { type PgPoolLike, pglitePool } from "@titan-sync/postgres";

/** Opens the embedded database in a directory, creating it when it is empty. Take the directory's lock first. */
export async function openEmbedded(
  path: string,
): Promise<{ readonly pool: PgPoolLike; close(): Promise<void> }> {
  // It takes its time and memory: only programs that use it load it.
  const { PGlite } = await import("@electric-sql/pglite");
  const database = await PGlite.create(path);
  return { pool: pglitePool(database), close: () => database.close() };
}
