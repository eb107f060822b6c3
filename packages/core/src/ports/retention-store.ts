/** One step of pruning. Only what is older than the time is taken, the oldest first. */
export interface PruneStep {
  /** In epoch milliseconds. */
  readonly before: number;
  /** How much this step may take at most; at least 1. */
  readonly limit: number;
}

/**
 * Deletes history that is no longer needed, in steps. The engine says how old it has to be, in which order the kinds
 * go, and how large a step is. Each verb may be repeated and interrupted at any point, and returns how much it took: 0
 * when nothing is left. None takes open work: whatever has to be read, derived or delivered is the same afterwards.
 */
export interface RetentionStore {
  /**
   * Ends runs that nobody has worked on since the time as `cancelled`. A run whose lease has not expired is left alone.
   * @returns how many runs it ended.
   */
  endAbandonedRuns(step: PruneStep): Promise<number>;
  /**
   * Deletes ids that runs had seen which have ended. A run that may continue keeps all of them: its sweep would take
   * what is missing for gone.
   * @returns how many ids it deleted; 0 in a storage that deletes them with the end of their run.
   */
  pruneSeenIds(params: { readonly limit: number }): Promise<number>;
  /**
   * Deletes runs that ended before the time. A credential's newest run and its last completed run are kept until the
   * credential is removed; a tenant's newest run is kept as long as any other data of the tenant is stored.
   * @returns how many runs it deleted.
   */
  pruneRuns(
    params: PruneStep & {
      /** Deletes only completed incremental runs that landed, delivered and rejected nothing. */
      readonly idleOnly: boolean;
    },
  ): Promise<number>;
  /**
   * Deletes what {@link RunStore.recordAcceptedRun} stored before the time.
   * @returns how many accepted ids it deleted.
   */
  pruneAcceptedRuns(step: PruneStep): Promise<number>;
  /**
   * Deletes payloads of `record` and `sink` rejections that were last seen before the time: they can be derived again.
   * The rejections remain, and so do the payloads of `structure` rejections, which are stored nowhere else.
   * @returns how many payloads it deleted.
   */
  pruneRejectionPayloads(step: PruneStep): Promise<number>;
  /**
   * Deletes entries of the audit log that were written before the time.
   * @returns how many entries it deleted.
   */
  pruneAudit(step: PruneStep): Promise<number>;
  /**
   * Deletes entries of the start ledger that were written before the time.
   * @returns how many entries it deleted.
   */
  pruneStarts(step: PruneStep): Promise<number>;
  /**
   * Deletes incidents of alerts that were closed before the time, silences that ended before it, and messages that were
   * stored before it, also those that were never sent. Open incidents and their alerts stay.
   * @returns how many rows it deleted.
   */
  pruneAlerts(step: PruneStep): Promise<number>;
}
