/** Up to which times history is deleted, in epoch milliseconds. Nothing is deleted for an absent time. */
export interface PruneLimits {
  /**
   * Deletes runs that ended before this time. A credential's newest run and its last completed run are kept until the
   * credential is removed; a tenant's newest run is kept as long as any other data of the tenant is stored.
   */
  readonly runs?: number | undefined;
  /** The same for completed incremental runs that landed, delivered and rejected nothing. */
  readonly idleRuns?: number | undefined;
  /** Ends runs that nobody has worked on since this time as `cancelled`, and forgets which ids they had seen. */
  readonly pauses?: number | undefined;
  /**
   * Deletes payloads of `record` and `sink` rejections that were last seen before this time: they can be derived again.
   * The rejections remain, and so do the payloads of `structure` rejections, which are stored nowhere else.
   */
  readonly rejections?: number | undefined;
  /** Deletes entries of the audit log that were written before this time. */
  readonly audit?: number | undefined;
}

/** The numbers of deleted runs, ended pauses, deleted payloads of rejections, and deleted audit entries. */
export interface PrunedCounts {
  readonly runs: number;
  readonly pauses: number;
  readonly rejections: number;
  readonly audit: number;
}

/** Deletes history that is no longer needed. */
export interface RetentionStore {
  /**
   * Deletes history that is older than the given times, in small steps. Never deletes open work: whatever has to be
   * read, derived or delivered is the same afterwards. May be repeated, and interrupted at any point.
   * @param signal - Checked between steps.
   * @throws {@link AbortedError} when the signal is aborted; earlier steps are not undone.
   */
  pruneHistory(before: PruneLimits, signal?: AbortSignal): Promise<PrunedCounts>;
}
