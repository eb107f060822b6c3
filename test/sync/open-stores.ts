import { createTestDatabase } from "../postgres/database.js";
import { openPostgresStores } from "./postgres-stores.js";
import type { Stores } from "./world.js";

/** A PostgreSQL database of its own. */
export async function openServerStores(): Promise<Stores> {
  const database = await createTestDatabase();
  return openPostgresStores(database.pool, () => database.drop());
}
