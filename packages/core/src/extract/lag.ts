/** Changes appear in an export about this much later. */
const exportLagMs = 15 * 60 * 1000;
/** Beyond the lag, for clocks that differ and a lag that is only about right. */
const marginMs = 45 * 60 * 1000;

/**
 * An instant from which an export gives everything that a reading which began at `began` may have missed.
 *
 * @param began - ISO 8601, by the server's clock.
 */
export function safelyBefore(began: string): string {
  return new Date(Date.parse(began) - exportLagMs - marginMs).toISOString();
}
