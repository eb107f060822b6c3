import {
  type Migration,
  type MigrationDirection,
  type MigrationStatus,
  requireNotNewer,
  statusAt,
  stepsBetween,
  targetVersion,
} from "@titan-sync/core/support";
import { type Database, type DatabaseOptions, openDatabase } from "../database/database.js";
import { quoteIdentifier } from "../database/identifier.js";
import type { SqlTransaction } from "../database/sql-transaction.js";
import { migrations } from "./migrations.generated.js";

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
 * work, the others wait for it. `down` deletes everything that the versions added, including data.
 *
 * @returns the versions that were applied or reverted, in order.
 * @throws `ConfigError` when the database is newer than this program, or `to` cannot be reached.
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
      const current = await readVersion(transaction, database);
      requireNotNewer(current, known, `The database schema ${database.schema}`);
      const steps = stepsBetween(known, direction, { current, to });
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
    const current = (await hasHistory(database, database)) ? await readVersion(database, database) : 0;
    return statusAt(current, migrations);
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
      ({ version, name, up }) =>
        `${inSchema(up, quoted)}\nINSERT INTO ${quoted}.migrations (version, name) VALUES (${version}, '${name}');\n`,
    );
  return [
    "BEGIN;\n",
    `CREATE SCHEMA IF NOT EXISTS ${quoted};\n`,
    `${historyTable(quoted)};\n`,
    ...steps,
    "COMMIT;\n",
  ].join("\n");
}

const historyIn = ({ tables }: Database): string => `${tables.schema}.migrations`;

const historyTable = (quotedSchema: string): string =>
  `CREATE TABLE IF NOT EXISTS ${quotedSchema}.migrations (
  version integer PRIMARY KEY,
  name text NOT NULL,
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

async function hasHistory(transaction: SqlTransaction, database: Database): Promise<boolean> {
  const { rows } = await transaction.query<{ found: boolean }>(
    "SELECT to_regclass($1) IS NOT NULL AS found",
    [historyIn(database)],
  );
  return rows[0]?.found === true;
}

async function readVersion(transaction: SqlTransaction, database: Database): Promise<number> {
  const { rows } = await transaction.query<{ version: number | null }>(
    `SELECT max(version) AS version FROM ${historyIn(database)}`,
  );
  return rows[0]?.version ?? 0;
}

async function apply(
  transaction: SqlTransaction,
  database: Database,
  { version, name, up, down }: Migration,
  direction: MigrationDirection,
): Promise<void> {
  await transaction.query(inSchema(direction === "up" ? up : down, database.tables.schema));
  await (direction === "up"
    ? transaction.query(`INSERT INTO ${historyIn(database)} (version, name) VALUES ($1, $2)`, [version, name])
    : transaction.query(`DELETE FROM ${historyIn(database)} WHERE version = $1`, [version]));
}
