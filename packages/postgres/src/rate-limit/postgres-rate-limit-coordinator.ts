import type { RateLimitCoordinator } from "@titan-sync/core";
import { type DatabaseOptions, openDatabase } from "../database/database.js";
import { reserve, throttle } from "./grant-slots.js";

export interface PostgresRateLimitCoordinatorOptions extends DatabaseOptions {}

/**
 * Shares the requests per second of each tenant and app key among all processes and machines that use the same
 * database, by the database's clock. {@link migrate} brings the table. It holds no secret: tenants and app keys are
 * digests in it.
 *
 * Up to ten questions a second for each tenant that is read at its full rate, each a statement of about a millisecond.
 * Give it its own pool where the storage's may be exhausted: a call that waits for a connection waits for its slot.
 *
 * The promise holds where the database answers within some 20 milliseconds at its best; beyond that, calls may bunch
 * together by the difference.
 *
 * @throws `ConfigError` for unusable options. Every method fails with `StorageError` when the database does.
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
