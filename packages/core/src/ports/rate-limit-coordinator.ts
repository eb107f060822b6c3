/** `interactive` calls, for which somebody waits, go before `background` calls. */
export type CallPriority = "interactive" | "background";

export interface ReserveParams {
  /** A digest that identifies one tenant and app key. */
  readonly key: string;
  /** How many slots are wanted, 1 or more. */
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
  /** From now on; 0 or more. */
  readonly pauseMs: number;
}

/** The state of one budget. Times are epoch milliseconds by the coordinator's own clock. */
export interface SharedBudget {
  /** When this was the state. */
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
   * When calls may go, by the coordinator's clock, the earliest first. At most as many as requested; possibly none.
   */
  readonly slots: readonly number[];
  /** When to ask again if there are none, by the coordinator's clock. */
  readonly nextAt: number;
}

/**
 * Shares a budget of requests per second among all callers with the same key: instances, processes, machines.
 *
 * An implementation guarantees, by a single clock:
 * - Two slots of a key are never closer than `(1000 + slotLifeMs) / ratePerSecond` milliseconds, whoever got them.
 *   Together with a slot's short life this means that no rolling second holds more calls than the rate.
 * - A slot is given once. None is given for a time before now or within a pause.
 * - Background calls get slots of the next {@link backgroundHorizonMs} only, interactive ones up to {@link
 *   interactiveHorizonMs} ahead: so these wait behind few others.
 * - Keys know nothing of each other.
 */
export interface RateLimitCoordinator {
  /** Reserves the next free slots. Unused slots are lost. */
  reserve(params: Readonly<ReserveParams>): Promise<Reservation>;
  /**
   * A 429 came: nobody gets a slot before the pause is over; of several pauses the latest end counts. The rate is
   * halved, once for all that was throttled together (within a second, or during a pause), and from the pause's
   * end climbs back by a tenth of the full one every ten seconds.
   */
  throttle(params: Readonly<ThrottleParams>): Promise<SharedBudget>;
}

/** How far ahead background calls may reserve slots. */
export const backgroundHorizonMs = 250;
/** How far ahead interactive calls may reserve slots. */
export const interactiveHorizonMs = 5000;
