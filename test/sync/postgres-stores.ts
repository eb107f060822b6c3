import { type PgPoolLike, postgresSink, postgresStorage } from "@titan-sync/postgres";
import { columnsOf } from "./own-columns.js";
import type { Row, Stores } from "./world.js";

/** Storage and sink on one migrated database. */
export function openPostgresStores(pool: PgPoolLike, close: () => Promise<void>): Stores {
  const storage = postgresStorage({ pool });
  return {
    storage,
    sink: postgresSink({ pool }),
    totals: "decimal",
    async records(record, companyId) {
      const client = await pool.connect();
      try {
        const answer = await client.query(
          `SELECT * FROM titan_sync.${record}s_stream WHERE tenant = $1 ORDER BY source_id::bigint`,
          [companyId],
        );
        const { rows } = answer as { readonly rows: readonly Row[] };
        return new Map(rows.map((row) => [String(row["source_id"]), columnsOf(row)]));
      } finally {
        client.release();
      }
    },
    async close() {
      await storage.close();
      await close();
    },
  };
}
