import type { RetryAfterForm } from "./api/throttled.js";
import type { SimulatedFeed } from "./feeds.js";

/** What to make up for one tenant. */
export interface TenantOptions {
  /**
   * Digits only.
   *
   * @defaultValue `"1001"`, `"1002"`, … by position
   */
  readonly tenantId?: string | undefined;
  /** @defaultValue 100 */
  readonly customers?: number | undefined;
  /** @defaultValue 2.5 times the customers */
  readonly invoices?: number | undefined;
  /**
   * Only a label: both environments have the same address here.
   *
   * @defaultValue `"production"`
   */
  readonly environment?: "production" | "integration" | undefined;
  /**
   * What the tenant has granted the app.
   *
   * @defaultValue every scope that a feed needs
   */
  readonly scopes?: readonly string[] | undefined;
  /**
   * Exact rows instead of generated ones. When it is given, the feeds that it leaves out are empty.
   * Each row needs a whole number as `id`; a row without `modifiedOn` counts as never modified.
   */
  readonly entities?: Readonly<Partial<Record<SimulatedFeed, readonly object[]>>> | undefined;
  /**
   * How many generated rows share each `modifiedOn`, to create ties that are larger than a page.
   *
   * @defaultValue a few pairs, as bulk edits leave them
   */
  readonly rowsPerInstant?: number | undefined;
}

/** How a simulated ServiceTitan behaves. Every figure can be left out. */
export interface SimulatorOptions {
  /**
   * The same seed produces the same rows, byte for byte, and the same random faults.
   *
   * @defaultValue 1
   */
  readonly seed?: number | undefined;
  /** @defaultValue one tenant */
  readonly tenants?: readonly TenantOptions[] | undefined;
  /**
   * The time, in epoch milliseconds, for everything that is dated. Generated rows were changed before 2025:
   * with an earlier clock the export lag hides some.
   *
   * @defaultValue `Date.now`
   */
  readonly now?: (() => number) | undefined;
  /** Rows in a page of an export. The real figure is undocumented. @defaultValue 1000 */
  readonly exportPageSize?: number | undefined;
  /** How long exports hide a change, unless recent changes are requested. @defaultValue 15 minutes */
  readonly exportLagMs?: number | undefined;
  /** Requests in any rolling second, for each app key and tenant; `null` for no limit. @defaultValue 60 */
  readonly rateLimitPerSecond?: number | null | undefined;
  /** How a response over the limit announces the wait. @defaultValue `"seconds"` */
  readonly retryAfterForm?: RetryAfterForm | undefined;
  /** @defaultValue 900 */
  readonly tokenLifeSeconds?: number | undefined;
  /** Requests for tokens in any rolling minute, for each client id; `null` for no limit. @defaultValue `null` */
  readonly tokenRequestsPerMinute?: number | null | undefined;
  /** Waited before every answer, on the machine's own clock. @defaultValue 0 */
  readonly latencyMs?: number | undefined;
  /**
   * The response when a valid token is used for another tenant's path: which one the real API returns is
   * not documented.
   *
   * @defaultValue 403
   */
  readonly foreignTenantStatus?: 403 | 404 | undefined;
}

/** {@link SimulatorOptions} with every default filled in. */
export interface Settings {
  readonly seed: number;
  readonly now: () => number;
  /** Finer than {@link now} unless that was given: what the rate limit goes by. */
  readonly fineNow: () => number;
  readonly exportPageSize: number;
  readonly exportLagMs: number;
  readonly rateLimitPerSecond: number | null;
  readonly retryAfterForm: RetryAfterForm;
  readonly tokenLifeSeconds: number;
  readonly tokenRequestsPerMinute: number | null;
  readonly latencyMs: number;
  readonly foreignTenantStatus: 403 | 404;
}

/** @throws RangeError naming the option that is no usable number. */
export function toSettings(options: SimulatorOptions): Settings {
  return {
    seed: options.seed ?? 1,
    now: options.now ?? Date.now,
    fineNow: options.now ?? (() => performance.timeOrigin + performance.now()),
    exportPageSize: checked("exportPageSize", options.exportPageSize ?? 1000, 1),
    exportLagMs: checked("exportLagMs", options.exportLagMs ?? 15 * 60_000, 0),
    rateLimitPerSecond: limit("rateLimitPerSecond", options.rateLimitPerSecond, 60),
    retryAfterForm: options.retryAfterForm ?? "seconds",
    tokenLifeSeconds: checked("tokenLifeSeconds", options.tokenLifeSeconds ?? 900, 1),
    tokenRequestsPerMinute: limit("tokenRequestsPerMinute", options.tokenRequestsPerMinute, null),
    latencyMs: checked("latencyMs", options.latencyMs ?? 0, 0),
    foreignTenantStatus: options.foreignTenantStatus ?? 403,
  };
}

function limit(name: string, value: number | null | undefined, usual: number | null): number | null {
  const chosen = value === undefined ? usual : value;
  return chosen === null ? null : checked(name, chosen, 1);
}

function checked(name: string, value: number, least: number): number {
  if (!Number.isFinite(value) || value < least) {
    throw new RangeError(`${name} must be a number of at least ${least}, not ${value}.`);
  }
  return value;
}
