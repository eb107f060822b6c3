import { shared, sleep } from "../async/aborted.js";
import { eachItem } from "../async/each-page.js";
import { AbortedError, ConflictError, errorCodeOf } from "../errors.js";
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
  /** In the order in which they ended. */
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
  {
    filter,
    concurrency,
    waitForOthers,
    each,
    stopAfterMs,
    signal,
    onLeaseWait,
    onOutcome,
  }: CheckedSyncAllRequest,
): Promise<SyncAllHandle> {
  const beganAt = clock.now();
  const waiting: Candidate[] = [...(await listCandidates(store, filter))];
  /** Their runs are in progress elsewhere. */
  const busy: Candidate[] = [];
  const told = new Set<string>();
  const stop = new AbortController();
  const stopped = shared(signal === null ? stop.signal : AbortSignal.any([stop.signal, signal]));
  const events = createEventStream();
  const outcomes: TenantOutcome[] = [];

  /** @returns `null` for a credential that is to be tried again later. */
  async function runOne(candidate: Candidate): Promise<TenantOutcome | null> {
    const { id: credentialId, companyId, environment } = candidate;
    const tenant = { credentialId, companyId, environment };
    const notRun = { ...tenant, result: null, error: null, cause: null };
    if (stopped.aborted) return { ...notRun, status: "cancelled" };
    const timeLeft = stopAfterMs === null ? null : stopAfterMs - (clock.now() - beganAt);
    if (timeLeft !== null && timeLeft <= 0) return { ...notRun, status: "paused" };
    try {
      const limit = timeLeft === null ? {} : { stopAfterMs: timeLeft };
      const start = (): Promise<RunHandle> => sync({ ...each, ...limit, credentialId, signal: stopped });
      const run = await (onLeaseWait === null || waitForOthers
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
      if (waitForOthers && error instanceof ConflictError && error.leaseEndsInMs !== null) {
        if (!told.has(credentialId)) onLeaseWait?.({ ...tenant, leftMs: error.leaseEndsInMs });
        told.add(credentialId);
        return null;
      }
      return { ...notRun, status: "failed", error: describeFailure(error), cause: error };
    }
  }

  async function runAndTell(candidate: Candidate): Promise<TenantOutcome | null> {
    const outcome = await runOne(candidate);
    if (outcome === null) return null;
    try {
      onOutcome?.(outcome);
    } catch (error) {
      const { credentialId } = outcome;
      logger.warn({ credentialId, code: errorCodeOf(error) }, "onOutcome of a sync of several failed");
    }
    return outcome;
  }

  /** Takes one item after the other from the queue that all slots share. */
  async function work(): Promise<void> {
    for (let next = waiting.shift() ?? (await nextBusy()); next !== undefined; ) {
      const outcome = await runAndTell(next);
      if (outcome === null) busy.push(next);
      else outcomes.push(outcome);
      next = waiting.shift() ?? (await nextBusy());
    }
  }

  /** Of the runs that are in progress elsewhere, one that may have ended since. */
  async function nextBusy(): Promise<Candidate | undefined> {
    const next = busy.shift();
    if (next === undefined) return undefined;
    // Whatever ends the wait, the credential has an outcome.
    await sleep(clock, lookMs, stopped).catch(() => undefined);
    return next;
  }

  async function workAll(): Promise<SyncAllResult> {
    await Promise.all(Array.from({ length: concurrency }, work));
    events.end();
    return {
      status: combine(outcomes),
      tenants: outcomes,
      totals: sumUp(outcomes),
      durationMs: clock.now() - beganAt,
    };
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

/** How often it is looked whether a run that is in progress elsewhere has ended, in milliseconds. */
const lookMs = 2_000;

type Candidate = Pick<StoredCredential, "id" | "companyId" | "environment" | "lastSyncAt">;

/** Page by page, keeping only what the order and the outcomes need. Those that were never synced come first. */
async function listCandidates(
  store: SyncAllOptions["store"],
  { credentialId, credentialIds, ...filter }: SyncAllFilter,
): Promise<readonly Candidate[]> {
  const candidates: Candidate[] = [];
  if (credentialId !== undefined) {
    if (credentialIds?.includes(credentialId) === false) return [];
    const found = await store.findCredential(credentialId);
    return found !== null && isMatch(found, filter) ? [found] : [];
  }
  const wanted = credentialIds === undefined ? null : new Set(credentialIds);
  for await (const credential of eachItem((page) => store.listCredentials(filter, page))) {
    const { id, companyId, environment, lastSyncAt } = credential;
    if (wanted?.has(id) === false) continue;
    candidates.push({ id, companyId, environment, lastSyncAt });
  }
  return candidates.sort((left, right) => (left.lastSyncAt ?? 0) - (right.lastSyncAt ?? 0));
}

function isMatch(
  credential: StoredCredential,
  { companyId, companyIds, environment, status }: Omit<SyncAllFilter, "credentialId" | "credentialIds">,
): boolean {
  return (
    companyIds?.includes(credential.companyId) !== false &&
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
