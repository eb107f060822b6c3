import { errorCodeOf } from "../errors.js";
import type { Clock } from "../ports/clock.js";
import type { JobQueue } from "../ports/job-queue.js";
import type { Logger } from "../ports/logger.js";

/** Renewals in the time that a claim lasts. */
const renewalsPerClaim = 3;

/**
 * Renews a claim until it is asked to stop, or the claim has ended. The job's run goes on without its claim: the lease
 * keeps others out.
 * @returns stops it, and waits for the renewal in flight.
 */
export function keepClaim(options: {
  readonly queue: Pick<JobQueue, "renewClaim">;
  readonly claimId: string;
  readonly claimMs: number;
  readonly runId: string;
  readonly clock: Clock;
  readonly logger: Logger;
}): () => Promise<void> {
  const { queue, claimId, claimMs, runId, clock, logger } = options;
  const stop = new AbortController();

  async function renew(): Promise<void> {
    for (;;) {
      try {
        await clock.sleep(claimMs / renewalsPerClaim, stop.signal);
      } catch {
        return;
      }
      try {
        if (await queue.renewClaim({ claimId, claimMs })) continue;
        logger.warn({ runId }, "the claim of the run's job has ended, its run goes on under its lease");
        return;
      } catch (error) {
        if (stop.signal.aborted) return;
        logger.warn(
          { runId, code: errorCodeOf(error) },
          "the claim of the run's job could not be renewed, trying again",
        );
      }
    }
  }

  const renewing = renew();
  return async () => {
    stop.abort();
    await renewing;
  };
}
