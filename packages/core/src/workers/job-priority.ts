import type { StoredCredential } from "../ports/credential-store.js";
import type { JobPriority } from "../ports/job-queue.js";
import type { DispatchedSync } from "../ports/run-dispatcher.js";

/**
 * The priority of a sync: `manual` if a person asked for it, whatever it is; else `bulk` for full passes and the first
 * load of a credential, which take long, and `scheduled` for the rest.
 */
export function jobPriorityOf(
  { type, mode }: Pick<DispatchedSync, "type" | "mode">,
  { lastSyncAt }: Pick<StoredCredential, "lastSyncAt">,
): JobPriority {
  if (type === "manual") return "manual";
  return mode === "full" || lastSyncAt === null ? "bulk" : "scheduled";
}
