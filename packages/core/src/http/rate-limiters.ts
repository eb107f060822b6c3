import { createHash } from "node:crypto";
import type { Secret } from "../crypto/secret.js";
import type { Clock } from "../ports/clock.js";
import type { RateLimitCoordinator } from "../ports/rate-limit-coordinator.js";
import { checkRate, createRateLimiter, type RateLimiter, type RateLimiterStatus } from "./rate-limiter.js";
import { createSharedSlots } from "./shared-slots.js";

/** What one tenant may send and has sent. */
export interface TenantRateStatus extends RateLimiterStatus {
  readonly tenantId: string;
}

/** How many requests tenants may send, to see and to change while it continues. */
export interface RateLimits {
  /** One entry for each tenant and app key that was called since this instance was created. */
  status(): readonly TenantRateStatus[];
  /**
   * Changes the rate of this instance from now on: of one tenant, or of all current and future ones. Other
   * instances that share the budget keep theirs.
   * @throws {@link ConfigError} when it is not a whole number from 1.
   */
  setRate(change: { readonly requestsPerSecond: number; readonly tenantId?: string | undefined }): void;
}

/** One limiter per tenant and app key: that pair is what ServiceTitan counts. */
export interface RateLimiters extends RateLimits {
  /** The same limiter for the same pair. */
  for(tenantId: string, appKey: Secret): RateLimiter;
}

export interface RateLimitersOptions {
  readonly requestsPerSecond: number;
  readonly clock: Clock;
  /** Shares the budgets with other instances. @defaultValue they are not shared */
  readonly coordinator?: RateLimitCoordinator | undefined;
}

/** The limiters of one instance. Two instances share none, but may share budgets through a coordinator. */
export function createRateLimiters({
  requestsPerSecond,
  clock,
  coordinator,
}: RateLimitersOptions): RateLimiters {
  const limiters = new Map<string, { readonly tenantId: string; readonly limiter: RateLimiter }>();
  const rates = new Map<string, number>();
  let usualRate = checkRate(requestsPerSecond);

  function create(tenantId: string, key: string): RateLimiter {
    const rate = (): number => rates.get(tenantId) ?? usualRate;
    const shared =
      coordinator === undefined
        ? undefined
        : createSharedSlots({ coordinator, key, clock, ratePerSecond: rate });
    return createRateLimiter({ requestsPerSecond: rate(), clock, shared });
  }

  return {
    for(tenantId, appKey) {
      // A digest, so that no app key is stored as a key of a map or a table.
      const key = createHash("sha256").update(`${tenantId}\n${appKey.reveal()}`).digest("base64url");
      const known = limiters.get(key);
      if (known !== undefined) return known.limiter;
      const limiter = create(tenantId, key);
      limiters.set(key, { tenantId, limiter });
      return limiter;
    },
    status: () => [...limiters.values()].map(({ tenantId, limiter }) => ({ tenantId, ...limiter.status() })),
    setRate({ requestsPerSecond: next, tenantId }) {
      checkRate(next);
      if (tenantId === undefined) {
        usualRate = next;
        rates.clear();
      } else rates.set(tenantId, next);
      for (const known of limiters.values()) {
        if (tenantId === undefined || known.tenantId === tenantId) known.limiter.setRate(next);
      }
    },
  };
}
