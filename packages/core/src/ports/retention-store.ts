/** Before when history is taken away, in epoch milliseconds; what is absent stays. */
export interface PruneLimits {
  /**
   * Runs that ended before. A credential's newest run stays until the credential is removed, and so does its last
   * completed one; a tenant's newest run stays as long as anything else is kept of the tenant.
   */
  readonly runs?: number | undefined;
  /** The same for completed incremental runs that landed, delivered and rejected nothing. */
  readonly idleRuns?: number | undefined;
  /** Runs that nobody has worked on since: they end `cancelled`, and what they had seen is forgotten. */
  readonly pauses?: number | undefined;
  /**
   * Payloads of `record` and `sink` rejections that were last seen before: they can be derived again. The
   * rejections stay, and so do the payloads of `structure` rejections, which nobody else has.
   */
  readonly rejections?: number | undefined;
  /** Entries of the audit log. */
  readonly audit?: number | undefined;
}

/** How many were taken away: runs and audit entries deleted, pauses ended, payloads of rejections. */
export interface PrunedCounts {
  readonly runs: number;
  readonly pauses: number;
  readonly rejections: number;
  readonly audit: number;
}

/** Takes away history that nobody needs any more. */
export interface RetentionStore {
  /**
   * Takes away history that is older than the given times, in small steps, and never open work: what is still to
   * be read, derived or delivered is the same afterwards. May be repeated, and cut off anywhere.
   * @param signal - Looked at between steps.
   * @throws {@link AbortedError} when the signal is aborted; what was taken away before stays so.
   */
  pruneHistory(before: PruneLimits, signal?: AbortSignal): Promise<PrunedCounts>;
}
