import { ConfigError } from "@titan-sync/core";
import type { Statements } from "../database/connection.js";
import { type OpenTarget, openTarget, type SqliteTarget } from "../database/database.js";
import type { OpenTransaction } from "../database/open-transaction.js";
import { applicationId, readHeader, requireNotNewer, requireOurs } from "./header.js";
import type { Migration } from "./migration.js";
import { migrations } from "./migrations.generated.js";

export type MigrateOptions = SqliteTarget & {
  /** @defaultValue "up" */
  readonly direction?: "up" | "down" | undefined;
  /** The version to stop at. @defaultValue the newest for `up`, 0 for `down` */
  readonly to?: number | undefined;
};

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
  const latest = latestOf(known);
  const to = options.to ?? (direction === "up" ? latest : 0);
  if (!Number.isInteger(to) || to < 0 || to > latest) {
    throw new ConfigError(`to must be a version from 0 to ${latest}, not ${JSON.stringify(to)}.`);
  }
  const { database, close } = openTarget(options);
  try {
    return await database.transaction(
      (transaction) => {
        const { version: current } = requireNotNewer(
          requireOurs(readHeader(transaction), database.path),
          latest,
        );
        const steps =
          direction === "up"
            ? known.filter(({ version }) => version > current && version <= to)
            : known.filter(({ version }) => version <= current && version > to).reverse();
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
    const latest = latestOf(migrations);
    const { version: current } = await database.read((statements: Statements) =>
      requireOurs(readHeader(statements), database.path),
    );
    return {
      current,
      latest,
      pending: migrations
        .filter(({ version }) => version > current)
        .map(({ version, name }) => ({ version, name })),
      isNewerThanProgram: current > latest,
    };
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
    requireNotNewer(requireOurs(database.header(), database.path), latestOf(migrations));
    return target;
  } catch (error) {
    close().catch(() => undefined);
    throw error;
  }
}

function apply(transaction: OpenTransaction, step: Migration, direction: "up" | "down"): void {
  transaction.execute(step[direction]);
  const version = direction === "up" ? step.version : step.version - 1;
  transaction.execute(
    `PRAGMA user_version = ${version}; PRAGMA application_id = ${version === 0 ? 0 : applicationId}`,
  );
}
