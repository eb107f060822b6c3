import { shared } from "../async/aborted.js";
import { eachItem } from "../async/each-page.js";
import { AbortedError } from "../errors.js";
import type { Clock } from "../ports/clock.js";
import type { CredentialFilter, CredentialStore, StoredCredential } from "../ports/credential-store.js";
import type { SyncEvent } from "../ports/sync-event.js";
import type { RunFailure } from "../ports/sync-run.js";
import type { Environment } from "../ports/tenant.js";
import { createEventStream } from "../progress/event-stream.js";
import { describeFailure } from "./execute-run.js";
import type { RunHandle, RunLedger, RunResult } from "./run-handle.js";
import type { CheckedSyncAllRequest } from "./sync-all-request.js";
import type { SyncRequest } from "./sync-request.js";

/** What became of one tenant of several. */
export interface TenantOutcome {
  readonly credentialId: string;
  readonly companyId: string;
  readonly environment: Environment;
  /** `failed` also when the run could not start or its end could not be stored; `cancelled` and `paused` also when it was not begun. */
  readonly status: RunResult["status"];
  /** `null` when there was no run, or its end could not be stored. */
  readonly result: RunResult | null;
  /** What went wrong. A run that is alive elsewhere is a `CONFLICT`. */
  readonly error: RunFailure | null;
}

/** How a sync of several tenants ended. */
export interface SyncAllResult {
  /** What all tenants have in common; `partial` when they differ; `completed` when there were none. */
  readonly status: RunResult["status"];
  /** In the order in which they were begun. */
  readonly tenants: readonly TenantOutcome[];
  /** Sums over all tenants. */
  readonly totals: Pick<RunLedger, "processed" | "successful" | "failed" | "unchanged">;
  readonly durationMs: number;
}

/** A sync of several tenants in progress. */
export interface SyncAllHandle {
  /** The events of all runs as they come, told apart by `runId`. A reader that falls more than 10,000 behind misses the oldest. */
  events(): AsyncIterableIterator<SyncEvent>;
  /** Cancels the runs in hand and begins no other. Resolves when all have ended. May be called twice. */
  cancel(): Promise<void>;
  /** Never rejects: what fails is the outcome of its tenant. */
  readonly result: Promise<SyncAllResult>;
}

export interface SyncAllOptions {
  readonly store: Pick<CredentialStore, "listCredentials">;
  readonly clock: Clock;
  readonly sync: (request: SyncRequest) => Promise<RunHandle>;
}

/**
 * Syncs the credentials that match, some side by side: the one whose last sync is longest ago first, so that
 * none waits for ever when there is never time for all.
 */
export async function startSyncAll(
  { store, clock, sync }: SyncAllOptions,
  { filter, concurrency, each, stopAfterMs, signal }: CheckedSyncAllRequest,
): Promise<SyncAllHandle> {
  const beganAt = clock.now();
  const waiting = (await listCandidates(store, filter)).values();
  const stop = new AbortController();
  const stopped = shared(signal === null ? stop.signal : AbortSignal.any([stop.signal, signal]));
  const events = createEventStream();
  const outcomes: Promise<TenantOutcome>[] = [];

  async function runOne({ id: credentialId, companyId, environment }: Candidate): Promise<TenantOutcome> {
    const tenant = { credentialId, companyId, environment };
    if (stopped.aborted) return { ...tenant, status: "cancelled", result: null, error: null };
    const timeLeft = stopAfterMs === null ? null : stopAfterMs - (clock.now() - beganAt);
    if (timeLeft !== null && timeLeft <= 0) return { ...tenant, status: "paused", result: null, error: null };
    try {
      const limit = timeLeft === null ? {} : { stopAfterMs: timeLeft };
      const run = await sync({ ...each, ...limit, credentialId, signal: stopped });
      for await (const event of run.events()) events.publish(event);
      const result = await run.result;
      return { ...tenant, status: result.status, result, error: result.error };
    } catch (error) {
      if (error instanceof AbortedError) return { ...tenant, status: "cancelled", result: null, error: null };
      return { ...tenant, status: "failed", result: null, error: describeFailure(error) };
    }
  }

  /** Takes one after the other from what all workers share. */
  async function work(): Promise<void> {
    for (const candidate of waiting) {
      const outcome = runOne(candidate);
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
  filter: CredentialFilter,
): Promise<readonly Candidate[]> {
  const candidates: Candidate[] = [];
  for await (const credential of eachItem((page) => store.listCredentials(filter, page))) {
    const { id, companyId, environment, lastSyncAt } = credential;
    candidates.push({ id, companyId, environment, lastSyncAt });
  }
  return candidates.sort((left, right) => (left.lastSyncAt ?? 0) - (right.lastSyncAt ?? 0));
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
