import type { PgPoolLike } from "@titan-sync/postgres";
import { openPostgresStores } from "../../test/sync/postgres-stores.js";
import type { Row, Stores } from "../../test/sync/world.js";

/** A database that is looked at while no worker writes. */
export interface LookedAt extends Stores {
  /** Tables are named without a schema. */
  query(text: string): Promise<readonly Row[]>;
}

export async function lookAtPostgres<Result>(
  pool: PgPoolLike,
  work: (database: LookedAt) => Promise<Result>,
): Promise<Result> {
  const stores = openPostgresStores(pool, async () => undefined);
  const client = await pool.connect();
  try {
    await client.query("SET search_path = titan_sync");
    return await work({
      ...stores,
      query: async (text) => ((await client.query(text)) as { rows: readonly Row[] }).rows,
    });
  } finally {
    await client.query("RESET search_path");
    client.release();
    await stores.close();
  }
}
