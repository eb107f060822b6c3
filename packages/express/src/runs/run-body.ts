import { type DryRunDiff, isoTime, ledgerOf, type QueuedSync, type StoredRun } from "@titan-sync/core";
import type { RunBody } from "../schemas/run.js";

/** @param dry - Of a dry run: its diff, where it may be seen and is known. */
export function runBody(run: StoredRun, dry: { readonly diff: DryRunDiff | null } | null = null): RunBody {
  const { scope, request, feeds, records } = run;
  const { processed, successful, failed, unchanged } = ledgerOf(run);
  return {
    id: run.id,
    credentialId: run.credentialId,
    companyId: scope.companyId,
    environment: scope.environment,
    tenantId: scope.tenantId,
    type: run.type,
    data: request.data,
    mode: request.mode,
    fresh: request.fresh,
    rederive: request.rederive,
    replay: request.replay ?? false,
    from: request.range?.from ?? null,
    to: request.range?.to ?? null,
    by: request.range?.by ?? null,
    status: run.status,
    startedAt: isoTime(run.startedAt),
    updatedAt: isoTime(run.updatedAt),
    completedAt: isoTime(run.completedAt),
    durationMs: Math.max(0, (run.completedAt ?? run.updatedAt) - run.startedAt),
    processed,
    successful,
    failed,
    unchanged,
    feeds: { ...feeds },
    records: { ...records },
    warnings: [...run.warnings],
    error: run.error,
    handedOver: run.handedOver,
    worker: run.worker,
    dryRun: dry !== null,
    diff: dry === null || dry.diff === null ? null : diffBody(dry.diff),
  };
}

function diffBody({ samples, ...counts }: DryRunDiff): NonNullable<RunBody["diff"]> {
  return {
    ...counts,
    samples: samples.map(({ before, after, changed, rules, ...sample }) => ({
      ...sample,
      before: before === null ? null : { ...before },
      after: after === null ? null : { ...after },
      changed: [...changed],
      rules: [...rules],
    })),
  };
}

/** A sync that nobody has begun yet, as the run that it will be. */
export function queuedRun(
  queued: QueuedSync,
  scope: Pick<StoredRun["scope"], "environment" | "tenantId">,
): StoredRun {
  const { runId, credentialId, companyId, type, data, mode, fresh, rederive, allowRemovals, queuedAt } =
    queued;
  const { from, to, by } = queued;
  const range = from === null && to === null ? null : { from, to, by: by ?? "modified" };
  return {
    id: runId,
    credentialId,
    scope: { companyId, environment: scope.environment, tenantId: scope.tenantId },
    type,
    request: { data, mode, fresh, rederive, range, allowRemovals, ...(queued.replay && { replay: true }) },
    status: "queued",
    startedAt: queuedAt,
    updatedAt: queuedAt,
    completedAt: null,
    feeds: {} as StoredRun["feeds"],
    lastFeed: null,
    records: {},
    warnings: [],
    error: null,
    handedOver: 0,
    worker: null,
  };
}
