import {
  type Migration,
  type MigrationDirection,
  type MigrationStatus,
  requireNotNewer,
  requireNotTooNew,
  statusAt,
  stepsBetween,
  syncsInProgress,
  targetVersion,
  unfitOwners,
} from "@titan-sync/core/support";
import { type Database, type DatabaseOptions, openDatabase } from "../database/database.js";
import { quoteIdentifier } from "../database/identifier.js";
import type { SqlTransaction } from "../database/sql-transaction.js";
import { migrations } from "./migrations.generated.js";
import { findVersion, historyIn, readVersion } from "./schema-version.js";

export interface MigrateOptions extends DatabaseOptions {
  /** @defaultValue "up" */
  readonly direction?: MigrationDirection | undefined;
  /** The version to stop at. @defaultValue the newest for `up`, 0 for `down` */
  readonly to?: number | undefined;
}

export type { MigrationStatus };

/** "titan" as a number: all migrations wait for the same lock, whatever the schema. */
const lockKey = 0x7469_7461;

/**
 * Migrates the schema to a version, in one transaction. May be called by many processes at once: one of them does the
 * work, the others wait for it. `down` deletes everything that the versions added, including data. A database that is
 * newer by one version that works with this program is left as it is.
 *
 * @returns the versions that were applied or reverted, in order.
 * @throws `ConfigError` when the database is too new for this program, or `to` cannot be reached, `ConflictError` while
 * syncs are in progress in programs that would not work with the result.
 *
 * @example
 * await migrate({ pool });
 */
export async function migrate(options: MigrateOptions): Promise<readonly number[]> {
  return await migrateThrough(migrations, options);
}

/** {@link migrate} with other migrations than this package's. @internal */
export async function migrateThrough(
  known: readonly Migration[],
  options: MigrateOptions,
): Promise<readonly number[]> {
  const { direction = "up" } = options;
  const to = targetVersion(known, direction, options.to);
  const database = openDatabase(options);
  try {
    return await database.transaction(async (transaction) => {
      await transaction.query("SELECT pg_advisory_xact_lock($1)", [lockKey]);
      await prepareSchema(transaction, database);
      const schema = await readVersion(transaction, database);
      const { current } = schema;
      const what = `The database schema ${database.schema}`;
      if (direction === "up") requireNotTooNew(schema, known, what);
      else requireNotNewer(current, known, what);
      const steps = stepsBetween(known, direction, { current, to });
      if (current > 0 && steps.length > 0) await requireNoUnfitOwner(transaction, database, steps, direction);
      for (const step of steps) await apply(transaction, database, step, direction);
      if (direction === "down" && to === 0) await transaction.query(`DROP TABLE ${historyIn(database)}`);
      return steps.map(({ version }) => version);
    });
  } finally {
    database.close();
  }
}

/** Reads the schema's version, without changing anything. */
export async function migrationStatus(options: DatabaseOptions): Promise<MigrationStatus> {
  const database = openDatabase(options);
  try {
    return statusAt(await findVersion(database, database), migrations);
  } finally {
    database.close();
  }
}

/**
 * Returns the SQL of all versions above `from`, if you prefer to apply it yourself: everything that {@link migrate}
 * would run.
 *
 * @example
 * writeFileSync("titan-sync.sql", migrationSql());
 *
 */
export function migrationSql(
  options: { readonly schema?: string | undefined; readonly from?: number | undefined } = {},
): string {
  const { schema = "titan_sync", from = 0 } = options;
  const quoted = quoteIdentifier(schema);
  const steps = migrations
    .filter(({ version }) => version > from)
    .map(
      ({ version, name, up, worksWithPrevious }) =>
        `${inSchema(up, quoted)}\nINSERT INTO ${quoted}.migrations (version, name, works_with_previous)
VALUES (${version}, '${name}', ${worksWithPrevious});\n`,
    );
  return [
    "BEGIN;\n",
    `CREATE SCHEMA IF NOT EXISTS ${quoted};\n`,
    `${historyTable(quoted)};\n`,
    ...steps,
    "COMMIT;\n",
  ].join("\n");
}

const historyTable = (quotedSchema: string): string =>
  `CREATE TABLE IF NOT EXISTS ${quotedSchema}.migrations (
  version integer PRIMARY KEY,
  name text NOT NULL,
  works_with_previous boolean NOT NULL,
  applied_at timestamptz(3) NOT NULL DEFAULT clock_timestamp()
)`;

const inSchema = (text: string, quotedSchema: string): string =>
  text.replaceAll(":SCHEMA", () => quotedSchema);

async function prepareSchema(transaction: SqlTransaction, { schema, tables }: Database): Promise<void> {
  const { rowCount } = await transaction.query("SELECT FROM pg_namespace WHERE nspname = $1", [schema]);
  // Checked first: a role that may not create schemas can still use one that was created for it.
  if (rowCount === 0) await transaction.query(`CREATE SCHEMA ${tables.schema}`);
  await transaction.query(historyTable(tables.schema));
}

/** Nobody takes a lease from here on until the transaction has ended. */
async function requireNoUnfitOwner(
  transaction: SqlTransaction,
  { schema, tables }: Database,
  steps: readonly Migration[],
  direction: MigrationDirection,
): Promise<void> {
  const { rows } = await transaction.query<{ found: boolean }>(
    "SELECT to_regclass($1) IS NOT NULL AS found",
    [tables.leases],
  );
  // Others than the storage's migrations have no leases in their schema.
  if (rows[0]?.found !== true) return;
  await transaction.query(`LOCK TABLE ${tables.leases} IN SHARE ROW EXCLUSIVE MODE`);
  for (const step of steps) {
    const { from, to } = unfitOwners(step, direction);
    const { rows: owned } = await transaction.query<{ count: number }>(
      `SELECT count(*)::integer AS count FROM ${tables.leases}
      WHERE expires_at > clock_timestamp() AND program_version BETWEEN $1 AND $2`,
      [from, to],
    );
    const { count } = owned[0] ?? { count: 0 };
    if (count > 0) throw syncsInProgress(count, step, `the schema ${schema}`);
  }
}

async function apply(
  transaction: SqlTransaction,
  database: Database,
  { version, name, worksWithPrevious, up, down }: Migration,
  direction: MigrationDirection,
): Promise<void> {
  await transaction.query(inSchema(direction === "up" ? up : down, database.tables.schema));
  await (direction === "up"
    ? transaction.query(
        `INSERT INTO ${historyIn(database)} (version, name, works_with_previous) VALUES ($1, $2, $3)`,
        [version, name, worksWithPrevious],
      )
    : transaction.query(`DELETE FROM ${historyIn(database)} WHERE version = $1`, [version]));
}
