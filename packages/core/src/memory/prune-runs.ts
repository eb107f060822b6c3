import { expiresEarly } from "../ledger/idle-run.js";
import type { RetentionStore } from "../ports/retention-store.js";
import type { StoredRun } from "../ports/sync-run.js";
import type { TenantScope } from "../ports/tenant.js";
import type { Journal } from "./journal.js";
import { scopeKey } from "./scope-key.js";

/** What the runs that stay are decided by. */
export interface KeptRuns {
  hasCredential(credentialId: string): boolean;
  /** Whether anything but runs is kept of a tenant. */
  hasData(scope: TenantScope): boolean;
}

/** Deletes the runs that ended first. See {@link RetentionStore.pruneRuns} for those that stay. */
export function pruneRuns(
  runs: Journal<StoredRun>,
  { before, limit, idleOnly }: Parameters<RetentionStore["pruneRuns"]>[0],
  { hasCredential, hasData }: KeptRuns,
): number {
  const kept = new Set<string>();
  const seen = new Set<string>();
  for (const run of runs.newestFirst()) {
    for (const key of placesOf(run)) {
      if (!seen.has(key)) kept.add(run.id);
      seen.add(key);
    }
  }
  const pruned = runs
    .newestFirst()
    .flatMap((run) => (run.completedAt === null ? [] : [{ ...run, completedAt: run.completedAt }]))
    .filter((run) => run.completedAt < before && !kept.has(run.id) && (!idleOnly || expiresEarly(run)))
    .sort((left, right) => left.completedAt - right.completedAt)
    .slice(0, limit);
  for (const { id } of pruned) runs.delete(id);
  return pruned.length;

  /** Each is kept by the newest run that has it. */
  function placesOf({ credentialId, scope, status }: StoredRun): readonly string[] {
    const ofTenant = hasData(scope) ? [`newest of ${scopeKey(scope)}`] : [];
    if (!hasCredential(credentialId)) return ofTenant;
    const completed = status === "completed" ? [`completed of ${credentialId}`] : [];
    return [...ofTenant, `newest of ${credentialId}`, ...completed];
  }
}
