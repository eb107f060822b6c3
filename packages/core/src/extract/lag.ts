/** Changes appear in an export about this much later. */
export const exportLagMs = 15 * 60 * 1000;
/** Beyond the lag, for clocks that differ and a lag that is only about right. */
export const marginMs = 45 * 60 * 1000;

/**
 * An instant from which an export gives everything that a reading which began at `began` may have missed.
 *
 * @param began - ISO 8601, by the server's clock.
 */
export function safelyBefore(began: string): string {
  return new Date(Date.parse(began) - exportLagMs - marginMs).toISOString();
}

/**
 * The earlier one of a time of the server and our own clock's. A server's time comes with its answers, and what stands
 * in between may put anything there: a position in the future would skip what changes until then.
 *
 * @param time - ISO 8601.
 * @param now - Epoch milliseconds.
 */
export function notAhead(time: string, now: number): string {
  return Date.parse(time) > now ? new Date(now).toISOString() : time;
}
