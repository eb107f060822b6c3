import { ConfigError } from "@titan-sync/core";
import { missingSchema } from "./carrier.js";
import type { QueueContext } from "./job-queue/queue-context.js";
import { latestVersion } from "./migrations/migrations.js";

/** @throws {@link ConfigError} unless our tables are there, in this program's version, beside this storage. */
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
  const { rows } = await database.query<{ version: number | null }>(
    `SELECT max(version) AS version FROM ${tables.schema}.migrations`,
  );
  const version = rows[0]?.version ?? 0;
  if (version < latestVersion) throw missingSchema(tables.schema);
  if (version > latestVersion) {
    throw new ConfigError(
      `The job queue in the schema ${tables.schema} is at version ${version}, but this program only supports versions up to ${latestVersion}.`,
      { hint: "Install the version of Titan Sync that migrated it, or a newer one." },
    );
  }
}
