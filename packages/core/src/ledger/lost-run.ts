import { isoTime } from "../json/iso-time.js";
import type { RunFailure, StoredRun } from "../ports/sync-run.js";

/** How a run ends whose worker is gone. */
export function workerLost({ worker, updatedAt }: Pick<StoredRun, "worker" | "updatedAt">): RunFailure {
  const who = worker === null ? "The worker" : `The worker (process ${worker.pid} on ${worker.host})`;
  return {
    code: "WORKER_LOST",
    message: `${who} stopped without ending the run; it was last seen at ${isoTime(updatedAt)}.`,
    hint: "The next sync continues from where the feeds were read to. If workers are lost often, look at their memory limits and logs.",
  };
}
