export interface BackoffOptions {
  /** @defaultValue 1000 */
  readonly firstDelayMs: number;
  /** @defaultValue 60000 */
  readonly maxDelayMs: number;
  /** The fraction by which a delay may be shorter or longer. @defaultValue 0.25 */
  readonly jitter: number;
}

/**
 * The delay before the repetition number `repetition` (from 1), in milliseconds: doubling from the first,
 * spread by chance so that callers that failed together do not come back together.
 */
export function backoffMs(repetition: number, options: BackoffOptions, random: () => number): number {
  const delay = options.firstDelayMs * 2 ** (repetition - 1);
  const spread = 1 + options.jitter * (2 * random() - 1);
  return Math.round(Math.min(delay * spread, options.maxDelayMs));
}
