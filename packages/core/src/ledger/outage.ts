import type { Outage } from "../ports/start-ledger.js";

/** The last outage of all schedulers, seen at a sign of one of them. All times are epoch milliseconds. */
export function outageAt({
  at,
  lastTick,
  outage,
  outageAfterMs,
}: {
  readonly at: number;
  /** The sign before; `null` if this is the first. */
  readonly lastTick: number | null;
  /** The last outage that was known. */
  readonly outage: Outage | null;
  readonly outageAfterMs: number;
}): Outage | null {
  return lastTick === null || at - lastTick <= outageAfterMs ? outage : { from: lastTick, until: at };
}
