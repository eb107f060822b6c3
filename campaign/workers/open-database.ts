import { type PgPoolLike, pglitePool } from "@titan-sync/postgres";
import { Pool } from "pg";

/** Which database a worker opens. */
export type DatabasePlan =
  | { readonly kind: "PostgreSQL"; readonly url: string }
  | { readonly kind: "embedded"; readonly directory: string };

export interface OpenedDatabase {
  readonly pool: PgPoolLike;
  close(): Promise<void>;
}

export async function openDatabase(plan: DatabasePlan): Promise<OpenedDatabase> {
  if (plan.kind === "PostgreSQL") {
    const pool = new Pool({ connectionString: plan.url, max: 8 });
    pool.on("error", () => undefined);
    return { pool, close: () => pool.end() };
  }
  const { PGlite } = await import("@electric-sql/pglite");
  const database = await PGlite.create(plan.directory);
  // Without statistics it takes few rows for many.
  await database.exec("SET enable_nestloop = off");
  return { pool: pglitePool(database), close: () => database.close() };
}
