import type { StoredRun } from "../ports/sync-run.js";

/** Whether a run completed without landing, delivering or rejecting anything. */
export function isIdleRun({
  status,
  feeds,
  records,
}: Pick<StoredRun, "status" | "feeds" | "records">): boolean {
  return (
    status === "completed" &&
    Object.values(feeds).every(({ landed, rejected }) => landed + rejected === 0) &&
    Object.values(records).every(({ delivered, rejected }) => delivered + rejected === 0)
  );
}

/**
 * Whether a run that has ended is kept only for the shorter time of idle runs. A full run is not: that it found nothing
 * says that all was right.
 */
export function expiresEarly(run: StoredRun): boolean {
  return run.request.mode === "incremental" && isIdleRun(run);
}
