import { ConfigError } from "@titan-sync/core";
import { type Database, type DatabaseOptions, openDatabase } from "../database/database.js";
import { quoteIdentifier } from "../database/identifier.js";
import type { SqlTransaction } from "../database/sql-transaction.js";
import type { Migration } from "./migration.js";
import { migrations } from "./migrations.generated.js";

export interface MigrateOptions extends DatabaseOptions {
  /** @defaultValue "up" */
  readonly direction?: "up" | "down" | undefined;
  /** The version to stop at. @defaultValue the newest for `up`, 0 for `down` */
  readonly to?: number | undefined;
}

export interface MigrationStatus {
  /** The version of the database; 0 if it has none of our tables. */
  readonly current: number;
  /** The newest version that this program knows. */
  readonly latest: number;
  /** The migrations that `migrate` would apply, in order. */
  readonly pending: readonly { readonly version: number; readonly name: string }[];
  /** Whether the database is newer than this program. Then this program must not use it. */
  readonly isNewerThanProgram: boolean;
}

/** The version of a database that has all of `known`. */
const latestOf = (known: readonly Migration[]): number => known.at(-1)?.version ?? 0;

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
  const latest = latestOf(known);
  const to = options.to ?? (direction === "up" ? latest : 0);
  if (!Number.isInteger(to) || to < 0 || to > latest) {
    throw new ConfigError(`to must be a version from 0 to ${latest}, not ${JSON.stringify(to)}.`);
  }
  const database = openDatabase(options);
  try {
    return await database.transaction(async (transaction) => {
      await transaction.query("SELECT pg_advisory_xact_lock($1)", [lockKey]);
      await prepareSchema(transaction, database);
      const current = await readVersion(transaction, database);
      assertNotNewer(current, latest, database);
      const steps =
        direction === "up"
          ? known.filter(({ version }) => version > current && version <= to)
          : known.filter(({ version }) => version <= current && version > to).reverse();
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
    const latest = latestOf(migrations);
    const current = (await hasHistory(database, database)) ? await readVersion(database, database) : 0;
    return {
      current,
      latest,
      pending: migrations
        .filter(({ version }) => version > current)
        .map(({ version, name }) => ({ version, name })),
      isNewerThanProgram: current > latest,
    };
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

function assertNotNewer(current: number, latest: number, { schema }: Database): void {
  if (current <= latest) return;
  throw new ConfigError(
    `The database schema ${schema} is at version ${current}, but this program only supports versions up to ${latest}.`,
    { hint: "A newer version of Titan Sync migrated this database. Install that version, or a newer one." },
  );
}

async function apply(
  transaction: SqlTransaction,
  database: Database,
  { version, name, up, down }: Migration,
  direction: "up" | "down",
): Promise<void> {
  await transaction.query(inSchema(direction === "up" ? up : down, database.tables.schema));
  await (direction === "up"
    ? transaction.query(`INSERT INTO ${historyIn(database)} (version, name) VALUES ($1, $2)`, [version, name])
    : transaction.query(`DELETE FROM ${historyIn(database)} WHERE version = $1`, [version]));
}
