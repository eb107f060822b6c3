import { createRollingWindow, type RollingWindow } from "./api/rolling-window.js";
import type { SimulatedFeed } from "./feeds.js";

/** What a simulator has seen since it was created or its counters were reset. */
export interface Counters {
  /** Requests to the API; token requests are counted separately. */
  readonly requests: number;
  readonly tokenRequests: number;
  /** Responses of the API by status; `reset`, `hang` and `cut` if there was none or only part of one. */
  readonly byStatus: Readonly<Record<string, number>>;
  readonly byFeed: Readonly<Partial<Record<SimulatedFeed, number>>>;
  /** Answers with status 429, those of the token endpoint included. */
  readonly throttled: number;
  /** The most requests that any tenant sent in any rolling second, refused ones included. */
  readonly peakRequestsPerSecond: number;
  readonly peakByTenant: Readonly<Record<string, number>>;
}

export interface CounterBoard {
  /** @param now - Milliseconds of the clock that the rate limit goes by. */
  request(tenantId: string | null, feed: SimulatedFeed | null, now: number): void;
  tokenRequest(): void;
  outcome(endpoint: "api" | "token", status: string): void;
  read(): Counters;
  reset(): void;
}

export function createCounterBoard(): CounterBoard {
  let requests = 0;
  let tokenRequests = 0;
  let throttled = 0;
  let byStatus: Record<string, number> = {};
  let byFeed: Partial<Record<SimulatedFeed, number>> = {};
  let peakByTenant: Record<string, number> = {};
  const windows = new Map<string, RollingWindow>();

  return {
    request(tenantId, feed, now) {
      requests += 1;
      if (feed !== null) byFeed[feed] = (byFeed[feed] ?? 0) + 1;
      if (tenantId === null) return;
      const window = windows.get(tenantId) ?? createRollingWindow(1000);
      windows.set(tenantId, window);
      window.add(now);
      peakByTenant[tenantId] = Math.max(peakByTenant[tenantId] ?? 0, window.count(now));
    },
    tokenRequest() {
      tokenRequests += 1;
    },
    outcome(endpoint, status) {
      if (status === "429") throttled += 1;
      if (endpoint === "api") byStatus[status] = (byStatus[status] ?? 0) + 1;
    },
    read: () => ({
      requests,
      tokenRequests,
      byStatus: { ...byStatus },
      byFeed: { ...byFeed },
      throttled,
      peakRequestsPerSecond: Math.max(0, ...Object.values(peakByTenant)),
      peakByTenant: { ...peakByTenant },
    }),
    reset() {
      requests = 0;
      tokenRequests = 0;
      throttled = 0;
      byStatus = {};
      byFeed = {};
      peakByTenant = {};
      windows.clear();
    },
  };
}
