import { sleep } from "../async/aborted.js";
import { ConflictError } from "../errors.js";
import type { Clock } from "../ports/clock.js";

/** How often a silent owner's lease is checked, and by how much two checks of one lease may differ. */
const lookMs = 2_000;
const toleranceMs = 500;

/**
 * Starts a run, or something else that a lease may block: waits for the lease's end then and takes over;
 * gives up as soon as the owner has shown to be alive by renewing it.
 *
 * @param onWait - Called once, with the milliseconds left, if there is something to wait for.
 * @throws `ConflictError` when the owner is alive; what `start` throws.
 */
export async function waitOutLease<Started>(
  start: () => Promise<Started>,
  {
    clock,
    signal,
    onWait,
  }: {
    readonly clock: Clock;
    readonly signal: AbortSignal;
    readonly onWait: (leftMs: number) => void;
  },
): Promise<Started> {
  let leaseEnd: number | null = null;
  for (;;) {
    try {
      return await start();
    } catch (error) {
      if (!(error instanceof ConflictError) || error.leaseEndsInMs === null) throw error;
      const end = clock.now() + error.leaseEndsInMs;
      const renewed = leaseEnd !== null && end > leaseEnd + toleranceMs;
      if (renewed) throw error;
      if (leaseEnd === null) onWait(error.leaseEndsInMs);
      leaseEnd ??= end;
      await sleep(clock, Math.max(1, Math.min(lookMs, error.leaseEndsInMs + 50)), signal);
    }
  }
}
