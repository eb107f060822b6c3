import { ConfigError, type RateLimitCoordinator } from "@titan-sync/core";
import { Database, type SqliteDatabaseOptions } from "../database/database.js";

import { reserve, throttle } from "./grant-slots.js";

/** "TiRa": in the header of each file of budgets. */
const applicationId = 0x54695261;
/** A budget that has not been used for this long is equivalent to a new one. */
const keptForMs = 24 * 60 * 60 * 1000;

const table = `CREATE TABLE IF NOT EXISTS rate_limits (
  budget_key TEXT PRIMARY KEY,
  next_slot_at REAL NOT NULL,
  paused_until REAL,
  last_429_at REAL,
  lowered_rate INTEGER CHECK (lowered_rate > 0),
  lowered_since REAL,
  CHECK ((lowered_rate IS NULL) = (lowered_since IS NULL))
) STRICT, WITHOUT ROWID`;

/** A coordinator that shares budgets through a file. */
export interface SqliteRateLimitCoordinator extends RateLimitCoordinator {
  /** Closes the file. May be called twice. */
  close(): Promise<void>;
}

/**
 * Shares the requests per second of each tenant and app key among the processes of one machine that use the same file.
 * Do not use the storage's file: calls would wait for its writers. The file is created if it is missing. It contains no
 * secrets: tenants and app keys are stored as digests.
 *
 * @throws `ConfigError` for a path that cannot be used, and for the file of a storage. Every method fails with
 * `StorageError` when the database fails.
 *
 * @example
 * const rateLimitCoordinator = sqliteRateLimitCoordinator({ path: ".titan-sync/rate-limits.db" });
 */
export function sqliteRateLimitCoordinator(options: SqliteDatabaseOptions): SqliteRateLimitCoordinator {
  // Budgets from before a power failure are useless after it.
  const database = new Database({ ...options, durable: false });
  const { application, isEmpty } = database.header();
  if (application !== applicationId && !(application === 0 && isEmpty)) {
    database.close().catch(() => undefined);
    throw new ConfigError(`${database.path} is not a file of budgets.`, {
      hint: "Give the coordinator its own file.",
    });
  }
  const prepare = database.transaction((transaction) => {
    transaction.execute(table);
    transaction.execute(`PRAGMA application_id = ${applicationId}`);
    transaction.run(
      "DELETE FROM rate_limits WHERE max(next_slot_at, coalesce(paused_until, 0), coalesce(last_429_at, 0)) < ?1",
      database.now() - keptForMs,
    );
  });
  // The caller that requests slots learns of it.
  prepare.catch(() => undefined);
  return {
    async reserve(params) {
      await prepare;
      return await database.transaction((transaction) => reserve(transaction, params, database.clock.now()));
    },
    async throttle(params) {
      await prepare;
      return await database.transaction((transaction) => throttle(transaction, params, database.clock.now()));
    },
    async close() {
      await prepare.catch(() => undefined);
      await database.close();
    },
  };
}
