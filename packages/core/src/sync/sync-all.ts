import { shared } from "../async/aborted.js";
import { eachItem } from "../async/each-page.js";
import { AbortedError, errorCodeOf } from "../errors.js";
import type { Clock } from "../ports/clock.js";
import type { CredentialStore, StoredCredential } from "../ports/credential-store.js";
import type { Logger } from "../ports/logger.js";
import type { SyncEvent } from "../ports/sync-event.js";
import { createEventStream } from "../progress/event-stream.js";
import { describeFailure } from "./execute-run.js";
import type { RunHandle, RunLedger, RunResult } from "./run-handle.js";
import type { CheckedSyncAllRequest, SyncAllFilter } from "./sync-all-request.js";
import type { SyncRequest } from "./sync-request.js";
import type { TenantOutcome } from "./tenant-outcome.js";
import { waitOutLease } from "./wait-out-lease.js";

/** How a sync of several tenants ended. */
export interface SyncAllResult {
  /** The status that all tenants share; `partial` if they differ; `completed` if there were none. */
  readonly status: RunResult["status"];
  /** In the order in which they were started. */
  readonly tenants: readonly TenantOutcome[];
  /** Sums over all tenants. */
  readonly totals: Pick<RunLedger, "processed" | "successful" | "failed" | "unchanged">;
  readonly durationMs: number;
}

/** A sync of several tenants in progress. */
export interface SyncAllHandle {
  /**
   * The events of all runs as they occur, distinguished by `runId`. A reader that falls more than 10,000
   * behind misses the oldest.
   */
  events(): AsyncIterableIterator<SyncEvent>;
  /** Cancels the current runs and starts no others. Resolves when all have ended. May be called twice. */
  cancel(): Promise<void>;
  /** Never rejects: a failure is the outcome of its tenant. */
  readonly result: Promise<SyncAllResult>;
}

export interface SyncAllOptions {
  readonly store: Pick<CredentialStore, "findCredential" | "listCredentials">;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly sync: (request: SyncRequest) => Promise<RunHandle>;
}

/**
 * Syncs the credentials that match, some in parallel: the one whose last sync is longest ago first, so that none waits
 * forever when there is never time for all.
 */
export async function startSyncAll(
  { store, clock, logger, sync }: SyncAllOptions,
  { filter, concurrency, each, stopAfterMs, signal, onLeaseWait, onOutcome }: CheckedSyncAllRequest,
): Promise<SyncAllHandle> {
  const beganAt = clock.now();
  const waiting = (await listCandidates(store, filter)).values();
  const stop = new AbortController();
  const stopped = shared(signal === null ? stop.signal : AbortSignal.any([stop.signal, signal]));
  const events = createEventStream();
  const outcomes: Promise<TenantOutcome>[] = [];

  async function runOne({ id: credentialId, companyId, environment }: Candidate): Promise<TenantOutcome> {
    const tenant = { credentialId, companyId, environment };
    const notRun = { ...tenant, result: null, error: null, cause: null };
    if (stopped.aborted) return { ...notRun, status: "cancelled" };
    const timeLeft = stopAfterMs === null ? null : stopAfterMs - (clock.now() - beganAt);
    if (timeLeft !== null && timeLeft <= 0) return { ...notRun, status: "paused" };
    try {
      const limit = timeLeft === null ? {} : { stopAfterMs: timeLeft };
      const start = (): Promise<RunHandle> => sync({ ...each, ...limit, credentialId, signal: stopped });
      const run = await (onLeaseWait === null
        ? start()
        : waitOutLease(start, {
            clock,
            signal: stopped,
            onWait: (leftMs) => onLeaseWait({ ...tenant, leftMs }),
          }));
      for await (const event of run.events()) events.publish(event);
      const result = await run.result;
      return { ...tenant, status: result.status, result, error: result.error, cause: null };
    } catch (error) {
      if (error instanceof AbortedError) return { ...notRun, status: "cancelled" };
      return { ...notRun, status: "failed", error: describeFailure(error), cause: error };
    }
  }

  async function runAndTell(candidate: Candidate): Promise<TenantOutcome> {
    const outcome = await runOne(candidate);
    try {
      onOutcome?.(outcome);
    } catch (error) {
      const { credentialId } = outcome;
      logger.warn({ credentialId, code: errorCodeOf(error) }, "onOutcome of a sync of several failed");
    }
    return outcome;
  }

  /** Takes one item after the other from the queue that all workers share. */
  async function work(): Promise<void> {
    for (const candidate of waiting) {
      const outcome = runAndTell(candidate);
      outcomes.push(outcome);
      await outcome;
    }
  }

  async function workAll(): Promise<SyncAllResult> {
    await Promise.all(Array.from({ length: concurrency }, work));
    events.end();
    const tenants = await Promise.all(outcomes);
    return { status: combine(tenants), tenants, totals: sumUp(tenants), durationMs: clock.now() - beganAt };
  }

  const result = workAll();
  return {
    events: events.read,
    async cancel() {
      stop.abort();
      await result;
    },
    result,
  };
}

type Candidate = Pick<StoredCredential, "id" | "companyId" | "environment" | "lastSyncAt">;

/** Page by page, keeping only what the order and the outcomes need. Those that were never synced come first. */
async function listCandidates(
  store: SyncAllOptions["store"],
  { credentialId, ...filter }: SyncAllFilter,
): Promise<readonly Candidate[]> {
  if (credentialId !== undefined) {
    const found = await store.findCredential(credentialId);
    return found !== null && isMatch(found, filter) ? [found] : [];
  }
  const candidates: Candidate[] = [];
  for await (const credential of eachItem((page) => store.listCredentials(filter, page))) {
    const { id, companyId, environment, lastSyncAt } = credential;
    candidates.push({ id, companyId, environment, lastSyncAt });
  }
  return candidates.sort((left, right) => (left.lastSyncAt ?? 0) - (right.lastSyncAt ?? 0));
}

function isMatch(
  credential: StoredCredential,
  { companyId, environment, status }: Omit<SyncAllFilter, "credentialId">,
): boolean {
  return (
    (companyId ?? credential.companyId) === credential.companyId &&
    (environment ?? credential.environment) === credential.environment &&
    (status ?? credential.status) === credential.status
  );
}

function combine(tenants: readonly TenantOutcome[]): RunResult["status"] {
  const [first, ...others] = new Set(tenants.map((tenant) => tenant.status));
  return others.length > 0 ? "partial" : (first ?? "completed");
}

function sumUp(tenants: readonly TenantOutcome[]): SyncAllResult["totals"] {
  const totals = { processed: 0, successful: 0, failed: 0, unchanged: 0 };
  for (const { result } of tenants) {
    totals.processed += result?.ledger.processed ?? 0;
    totals.successful += result?.ledger.successful ?? 0;
    totals.failed += result?.ledger.failed ?? 0;
    totals.unchanged += result?.ledger.unchanged ?? 0;
  }
  return totals;
}
