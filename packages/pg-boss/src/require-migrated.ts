import { ConfigError } from "@titan-sync/core";
import { knownSchema } from "@titan-sync/postgres/support";
import { migrateHint, missingSchema } from "./carrier.js";
import type { QueueContext } from "./job-queue/queue-context.js";
import { migrations } from "./migrations/migrations.js";

/** @throws {@link ConfigError} unless our tables are there, in a version for this program, beside this storage. */
export async function requireMigrated({ database, tables }: QueueContext): Promise<void> {
  const { rows: found } = await database.query<{ isThere: boolean; isOfStorage: boolean }>(
    `SELECT to_regclass($1) IS NOT NULL AND to_regclass($3) IS NOT NULL AS "isThere", EXISTS (
      SELECT FROM pg_constraint
      WHERE contype = 'f' AND conrelid = to_regclass($1) AND confrelid = to_regclass($2)
    ) AS "isOfStorage"`,
    [tables.jobs, database.tables.credentials, `${tables.schema}.migrations`],
  );
  if (found[0]?.isThere !== true) throw missingSchema(tables.schema);
  if (!found[0].isOfStorage) {
    throw new ConfigError(
      `The job queue in the schema ${tables.schema} belongs to another storage than the one in the schema ${database.schema}.`,
      { hint: "Pass the schemas with which `migratePgBoss` was called." },
    );
  }
  const what = `The job queue in the schema ${tables.schema}`;
  await knownSchema({ query: database.query, tables }, migrations, what, migrateHint).check();
}
