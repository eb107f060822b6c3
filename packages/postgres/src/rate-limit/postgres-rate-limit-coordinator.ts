import type { RateLimitCoordinator } from "@titan-sync/core";
import { type DatabaseOptions, openDatabase } from "../database/database.js";
import { reserve, throttle } from "./grant-slots.js";

export interface PostgresRateLimitCoordinatorOptions extends DatabaseOptions {}

/**
 * Shares the requests per second of each tenant and app key among all processes and machines that use the same
 * database, by the database's clock. {@link migrate} creates the table. It contains no secrets: tenants and app keys
 * are stored as digests.
 *
 * It runs up to ten statements a second, of about a millisecond each, for each tenant that is read at its full rate.
 * Give it its own pool if the storage's may be exhausted: otherwise calls also wait for a connection.
 *
 * The rate is guaranteed if the database's fastest response takes at most about 20 milliseconds; otherwise calls may
 * bunch together by the difference.
 *
 * @throws `ConfigError` for invalid options. Every method fails with `StorageError` when the database fails.
 * @example
 * const titan = createTitanSync({
 *   storage: postgresStorage({ pool }),
 *   rateLimitCoordinator: postgresRateLimitCoordinator({ pool }),
 *   sink: postgresSink({ pool }),
 *   keys,
 * });
 *
 */
export function postgresRateLimitCoordinator(
  options: PostgresRateLimitCoordinatorOptions,
): RateLimitCoordinator {
  const database = openDatabase(options);
  return {
    reserve: (params) => reserve(database, params),
    throttle: (params) => throttle(database, params),
  };
}
