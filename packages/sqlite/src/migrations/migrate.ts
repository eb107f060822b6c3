import {
  type Migration,
  type MigrationDirection,
  type MigrationStatus,
  requireNotNewer,
  statusAt,
  stepsBetween,
  targetVersion,
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
 * work, the others wait for it. `down` deletes everything that the versions added, including data.
 *
 * @returns the versions that were applied or reverted, in order.
 * @throws `ConfigError` if the database is newer than this program or belongs to another program, or if `to` cannot be
 * reached.
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
        const { version: current } = requireOurs(readHeader(transaction), database.path);
        requireNotNewer(current, known, "The database");
        const steps = stepsBetween(known, direction, { current, to });
        for (const step of steps) apply(transaction, step, direction);
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
    const { version: current } = await database.read((statements: Statements) =>
      requireOurs(readHeader(statements), database.path),
    );
    return statusAt(current, migrations);
  } finally {
    await close();
  }
}

/**
 * Requires a file that this program can work with, or one without tables.
 * @throws `ConfigError` for a file of another program or of a newer version; it is closed again then.
 */
export function requireUsable(target: OpenTarget): OpenTarget {
  const { database, close } = target;
  try {
    requireNotNewer(requireOurs(database.header(), database.path).version, migrations, "The database");
    return target;
  } catch (error) {
    close().catch(() => undefined);
    throw error;
  }
}

function apply(transaction: OpenTransaction, step: Migration, direction: MigrationDirection): void {
  transaction.execute(step[direction]);
  const version = direction === "up" ? step.version : step.version - 1;
  transaction.execute(
    `PRAGMA user_version = ${version}; PRAGMA application_id = ${version === 0 ? 0 : applicationId}`,
  );
}
