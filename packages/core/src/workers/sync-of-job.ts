import type { DispatchedSync } from "../ports/run-dispatcher.js";
import type { RunRequest } from "../ports/sync-run.js";
import { normalizeInstant } from "../records/instant.js";
import type { SyncRequest } from "../sync/sync-request.js";

/** The call of `titan.sync` that a job stands for. */
export function syncOfJob(job: DispatchedSync): SyncRequest {
  const { runId, credentialId, type, data, mode, fresh, rederive, replay, allowRemovals, actor } = job;
  const { from, to, by } = job;
  return {
    runId,
    credentialId,
    type,
    data,
    mode,
    fresh,
    rederive,
    replay,
    allowRemovals,
    actor,
    ...(from !== null && { from }),
    ...(to !== null && { to }),
    // Without a range it would be refused.
    ...((from !== null || to !== null) && by !== null && { by }),
  };
}

/** The same request, its range written as that of every equal request is. */
export function withInstants(sync: DispatchedSync): DispatchedSync {
  const { range } = runRequestOfJob(sync);
  return { ...sync, from: range?.from ?? null, to: range?.to ?? null, by: range?.by ?? null };
}

/** The request of a job's run, also of one that `titan.sync` refuses. */
export function runRequestOfJob(job: DispatchedSync): RunRequest {
  const { data, mode, fresh, rederive, replay, allowRemovals, from, to, by } = job;
  const range =
    from === null && to === null
      ? null
      : { from: toInstant(from), to: toInstant(to), by: by ?? ("modified" as const) };
  return { data, mode, fresh, rederive, range, allowRemovals, ...(replay && { replay }) };
}

function toInstant(text: string | null): string | null {
  const instant = text === null ? null : normalizeInstant(text);
  return instant === null ? text : new Date(instant).toISOString();
}
