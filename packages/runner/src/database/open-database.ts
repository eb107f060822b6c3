import type { JobQueue, RateLimitCoordinator, RecordSinkObject, Storage } from "@titan-sync/core";
import type { Settings } from "../configuration/load-settings.js";

/** How far the tables are. */
export interface SchemaStatus {
  /** 0 when there are no tables. */
  readonly current: number;
  /** The newest version that this program knows. */
  readonly latest: number;
  readonly pending: readonly { readonly version: number; readonly name: string }[];
  readonly isNewerThanProgram: boolean;
  /** Whether this program works with them. */
  readonly isUsable: boolean;
}

/** What runs the database. */
export interface DatabaseServer {
  /** For people, such as `PostgreSQL 17.2`. */
  readonly product: string;
  /** What to do when the version is too old; `null` when it is not. */
  readonly remedy: string | null;
}

/** A database, as the commands need it. */
export interface OpenDatabase {
  readonly kind: "embedded" | "PostgreSQL";
  /** A description for people, without a password. */
  readonly name: string;
  storage(): Storage;
  /** Where records go: our tables, or the host's. */
  sink(tables: Settings["tables"]): RecordSinkObject;
  /** Shares the rate limit with the other processes on this database. */
  rateLimitCoordinator(): RateLimitCoordinator;
  /**
   * The syncs that wait for a worker. Closed with the database.
   * @throws {@link ConfigError} when the queue has not been set up, {@link StorageError} when it does not answer.
   */
  openJobQueue(): Promise<JobQueue>;
  /** @returns the versions that were applied or reverted. */
  migrate(step: {
    readonly direction: "up" | "down";
    readonly to?: number | undefined;
  }): Promise<readonly number[]>;
  migrationStatus(): Promise<SchemaStatus>;
  describeServer(): Promise<DatabaseServer>;
  /**
   * Checks whether data was moved from here, or is still being moved to here.
   *
   * @returns a warning for people when the data is elsewhere by now, else `null`.
   * @throws {@link ConfigError} when a move to this database is unfinished: nothing can be done with it yet.
   */
  checkMove(): Promise<string | null>;
  /** May be called twice. */
  close(): Promise<void>;
}

export interface OpenDatabaseOptions {
  /** Create the embedded database when there is none, instead of refusing. */
  readonly create: boolean;
  /** How many syncs run at once: each may need a connection to PostgreSQL. @defaultValue a few */
  readonly concurrency?: number | undefined;
}

/**
 * Opens the configured database. Other processes may have it open at the same time.
 *
 * @throws {@link ConfigError} when there is no embedded database yet, or it cannot be used,
 * {@link StorageError} when PostgreSQL cannot be reached.
 */
export async function openDatabase(
  settings: Settings,
  { create, concurrency }: OpenDatabaseOptions,
): Promise<OpenDatabase> {
  // Each loads its own modules, which take time and memory.
  if (settings.databaseUrl !== null) {
    const { openPostgres } = await import("./open-postgres.js");
    return await openPostgres(settings.databaseUrl, { concurrency });
  }
  const { openEmbedded } = await import("./open-embedded.js");
  return await openEmbedded(settings.dataDirectory, create);
}
