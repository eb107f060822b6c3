import { PGlite } from "@electric-sql/pglite";
import { migrate, pglitePool } from "@titan-sync/postgres";
import { createTestDatabase } from "../postgres/database.js";
import { openPostgresStores } from "./postgres-stores.js";
import type { Stores } from "./world.js";

/** A PostgreSQL database of its own. */
export async function openServerStores(): Promise<Stores> {
  const database = await createTestDatabase();
  return openPostgresStores(database.pool, () => database.drop());
}

/** An embedded database in memory. */
export async function openEmbeddedStores(): Promise<Stores> {
  const pglite = await PGlite.create();
  const pool = pglitePool(pglite);
  await migrate({ pool, direction: "up" });
  return openPostgresStores(pool, () => pglite.close());
}
