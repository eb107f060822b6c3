import {
  type Migration,
  type MigrationDirection,
  type MigrationStatus,
  requireNotNewer,
  requireNotTooNew,
  requireUsableSchema,
  statusAt,
  stepsBetween,
  syncsInProgress,
  targetVersion,
  unfitOwners,
} from "@titan-sync/core/support";
import type { Statements } from "../database/connection.js";
import { type OpenTarget, openTarget, type SqliteTarget } from "../database/database.js";
import type { OpenTransaction } from "../database/open-transaction.js";
import { applicationId, readHeader, requireOurs } from "./header.js";
import { migrations } from "./migrations.generated.js";

export type MigrateOptions = SqliteTarget & {
  /** @defaultValue "up" */
  readonly direction?: MigrationDirection | undefined;
  /** The version to stop at. @defaultValue the newest for `up`, 0 for `down` */
  readonly to?: number | undefined;
};

export type { MigrationStatus };

/**
 * Migrates the tables to a version, in one transaction. May be called by many processes at once: one of them does the
 * work, the others wait for it. `down` deletes everything that the versions added, including data. A database that is
 * newer by one version that works with this program is left as it is.
 *
 * @returns the versions that were applied or reverted, in order.
 * @throws `ConfigError` if the database is too new for this program or belongs to another program, or if `to` cannot be
 * reached, `ConflictError` while syncs are in progress in programs that would not work with the result.
 *
 * @example
 * await migrate({ path: ".titan-sync/titan-sync.db" });
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
  const { database, close } = openTarget(options);
  try {
    return await database.transaction(
      (transaction) => {
        const header = requireOurs(readHeader(transaction), database.path);
        const { current } = header;
        if (direction === "up") requireNotTooNew(header, known, "The database");
        else requireNotNewer(current, known, "The database");
        const steps = stepsBetween(known, direction, { current, to });
        if (current > 0) requireNoUnfitOwner(transaction, database.now(), steps, direction);
        if (current === 0 && steps.length > 0) transaction.execute(historyTable);
        for (const step of steps) apply(transaction, step, direction, database.now());
        if (direction === "down" && to === 0 && steps.length > 0)
          transaction.execute("DROP TABLE migrations");
        return steps.map(({ version }) => version);
      },
      { evenIfMoved: true },
    );
  } finally {
    await close();
  }
}

/** Reads the database's version, without changing anything. */
export async function migrationStatus(options: SqliteTarget): Promise<MigrationStatus> {
  const { database, close } = openTarget(options);
  try {
    const header = await database.read((statements: Statements) =>
      requireOurs(readHeader(statements), database.path),
    );
    return statusAt(header, migrations);
  } finally {
    await close();
  }
}

/**
 * Requires a file that this program can work with, or one that is older or without tables.
 * @throws `ConfigError` for a file of another program or of a newer version; it is closed again then.
 */
export function requireUsable(target: OpenTarget): OpenTarget {
  const { database, close } = target;
  try {
    requireNotTooNew(requireOurs(database.header(), database.path), database.knownMigrations, "The database");
    return target;
  } catch (error) {
    close().catch(() => undefined);
    throw error;
  }
}

/** @throws `ConfigError` unless a program that knows these migrations works with the file as it is now. */
export function requireKnown(statements: Statements, known: readonly Migration[]): void {
  requireUsableSchema(readHeader(statements), known, "The database");
}

const historyTable = `CREATE TABLE migrations (
  version INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  works_with_previous INTEGER NOT NULL,
  applied_at INTEGER NOT NULL
) STRICT`;

function requireNoUnfitOwner(
  statements: Statements,
  now: number,
  steps: readonly Migration[],
  direction: MigrationDirection,
): void {
  for (const step of steps) {
    const { from, to } = unfitOwners(step, direction);
    const owned = statements.get<{ count: number }>(
      "SELECT count(*) AS count FROM leases WHERE expires_at > ?1 AND program_version BETWEEN ?2 AND ?3",
      now,
      from,
      to,
    );
    const count = owned?.count ?? 0;
    if (count > 0) throw syncsInProgress(count, step, "the database");
  }
}

function apply(
  transaction: OpenTransaction,
  step: Migration,
  direction: MigrationDirection,
  now: number,
): void {
  transaction.execute(step[direction]);
  const version = direction === "up" ? step.version : step.version - 1;
  if (direction === "up") {
    transaction.run(
      "INSERT INTO migrations (version, name, works_with_previous, applied_at) VALUES (?1, ?2, ?3, ?4)",
      step.version,
      step.name,
      step.worksWithPrevious ? 1 : 0,
      now,
    );
  } else transaction.run("DELETE FROM migrations WHERE version = ?1", step.version);
  transaction.execute(
    `PRAGMA user_version = ${version}; PRAGMA application_id = ${version === 0 ? 0 : applicationId}`,
  );
}
