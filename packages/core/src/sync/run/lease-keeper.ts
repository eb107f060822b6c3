import { LeaseLostError, TitanSyncError } from "../../errors.js";
import type { Clock } from "../../ports/clock.js";
import type { Logger } from "../../ports/logger.js";
import type { Storage } from "../../ports/storage.js";
import type { RunLease } from "../../ports/sync-run.js";

/** Heartbeats during the lifetime of a lease. */
const beatsPerLease = 3;

/**
 * Extends a lease until it is asked to stop. `onLost` is called once when the lease belongs to somebody else, or could
 * not be extended for as long as it lasts; `onCancel` with who asks when the run is to be canceled, and again with each
 * heartbeat from then on.
 *
 * @returns stops the heartbeats and waits for the one in flight.
 */
export function keepLease(options: {
  readonly store: Pick<Storage, "renewLease">;
  readonly lease: RunLease;
  readonly leaseMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onLost: (error: LeaseLostError) => void;
  readonly onCancel: (requestedBy: string) => void;
}): () => Promise<void> {
  const { store, lease, leaseMs, clock, logger } = options;
  const stop = new AbortController();

  async function beat(): Promise<void> {
    let extendedAt = clock.now();
    for (;;) {
      try {
        await clock.sleep(leaseMs / beatsPerLease, stop.signal);
      } catch {
        return;
      }
      try {
        const askedAt = clock.now();
        const { cancelRequestedBy } = await store.renewLease({ lease, leaseMs });
        extendedAt = askedAt;
        if (cancelRequestedBy !== null) options.onCancel(cancelRequestedBy);
      } catch (error) {
        if (stop.signal.aborted) return;
        if (error instanceof LeaseLostError) return options.onLost(error);
        const code = TitanSyncError.is(error) ? error.code : null;
        logger.warn({ runId: lease.runId, code }, "the run's lease could not be extended, trying again");
        if (clock.now() - extendedAt >= leaseMs) {
          return options.onLost(
            new LeaseLostError(`The lease of run ${lease.runId} could not be extended in time.`, {
              cause: error,
              hint: "Check the database; the next run resumes.",
            }),
          );
        }
      }
    }
  }

  const beating = beat();
  return async () => {
    stop.abort();
    await beating;
  };
}
