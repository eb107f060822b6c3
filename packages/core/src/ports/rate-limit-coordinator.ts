/** `interactive` calls, which a person waits for, take priority over `background` calls. */
export type CallPriority = "interactive" | "background";

export interface ReserveParams {
  /** A digest that identifies one tenant and app key. */
  readonly key: string;
  /** How many slots to reserve, 1 or more. */
  readonly wanted: number;
  /** How many requests the caller may send per second when not throttled; 1 or more. */
  readonly ratePerSecond: number;
  /** How long after its time a slot may still be used, in milliseconds; after that it expires. */
  readonly slotLifeMs: number;
  readonly priority: CallPriority;
}

export interface ThrottleParams {
  readonly key: string;
  readonly ratePerSecond: number;
  /** How long calls are paused from now on; 0 or more. */
  readonly pauseMs: number;
}

/** The state of one budget. Times are epoch milliseconds by the coordinator's own clock. */
export interface SharedBudget {
  /** The time of this state. */
  readonly at: number;
  /** The current rate: lower than the requested one while it recovers after a 429. */
  readonly ratePerSecond: number;
  /** `null` when calls are allowed. */
  readonly pausedUntil: number | null;
  /** `null` when the API never throttled. */
  readonly last429At: number | null;
}

export interface Reservation extends SharedBudget {
  /**
   * When calls may start, by the coordinator's clock, the earliest first. At most as many as requested; possibly none.
   */
  readonly slots: readonly number[];
  /** When to ask again if there are none, by the coordinator's clock. */
  readonly nextAt: number;
}

/**
 * Shares a budget of requests per second among all callers with the same key: instances, processes, machines.
 *
 * An implementation guarantees, by a single clock:
 * - Two slots of a key are never closer than `(1000 + slotLifeMs) / ratePerSecond` milliseconds, even if different
 *   callers got them. Because slots expire quickly, no rolling second contains more calls than the rate.
 * - A slot is given out once, and never for a time in the past or within a pause.
 * - Background calls only get slots within {@link backgroundHorizonMs}, interactive calls within {@link
 *   interactiveHorizonMs}: so interactive calls wait behind few others.
 * - Keys are independent of each other.
 */
export interface RateLimitCoordinator {
  /** Reserves the next free slots. Unused slots are lost. */
  reserve(params: Readonly<ReserveParams>): Promise<Reservation>;
  /**
   * Reports a 429. Nobody gets a slot before the pause is over; if there are several pauses, the latest end counts.
   * The rate is halved, once for all calls that were throttled together (within a second, or during a pause). After the
   * pause it recovers by a tenth of the full rate every ten seconds.
   */
  throttle(params: Readonly<ThrottleParams>): Promise<SharedBudget>;
}

/** How far ahead background calls may reserve slots. */
export const backgroundHorizonMs = 250;
/** How far ahead interactive calls may reserve slots. */
export const interactiveHorizonMs = 5000;
