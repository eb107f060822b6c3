import { leaseLost, runCanceled, runIdTaken, runInProgress } from "../conflicts.js";
import { ConflictError, LeaseLostError } from "../errors.js";
import { supersededRun } from "../ledger/superseded-run.js";
import type { Clock } from "../ports/clock.js";
import type { PruneStep } from "../ports/retention-store.js";
import type { LeaseState } from "../ports/run-history.js";
import type {
  BeginParams,
  CancelOutcome,
  CancelParams,
  LeaseRenewal,
  StartedRun,
} from "../ports/run-store.js";
import type { Storage } from "../ports/storage.js";
import type { RunLease, RunRequest, StoredRun } from "../ports/sync-run.js";
import type { TenantScope } from "../ports/tenant.js";
import { isSameScope } from "../ports/tenant.js";
import { Journal } from "./journal.js";
import { scopeKey } from "./scope-key.js";

/**
 * Who owns a run. Each takeover makes another object, so that what an earlier owner claimed can be distinguished
 * apart by identity.
 */
export interface LeaseHolder extends RunLease {
  /** Epoch milliseconds. */
  expiresAt: number;
  cancelRequestedBy: string | null;
}

/** Runs and who owns them. */
export class RunTable {
  readonly #clock: Clock;
  readonly #whenEnded: (run: StoredRun) => void;
  readonly #runs = new Journal<StoredRun>("runs");
  /** The running or paused run of each credential. */
  readonly #current = new Map<string, string>();
  readonly #owners = new Map<string, LeaseHolder>();
  /** Tenants for which no run may start at the moment. */
  readonly #locked = new Set<string>();
  /** The last fence of each credential, also when nobody owns a run. */
  readonly #fences = new Map<string, number>();

  /** @param whenEnded - called with each run that will not be continued: ended, superseded or deleted. */
  constructor(clock: Clock, whenEnded: (run: StoredRun) => void) {
    this.#clock = clock;
    this.#whenEnded = whenEnded;
  }

  /** All runs, to read and to prune. */
  get journal(): Journal<StoredRun> {
    return this.#runs;
  }

  begin(params: BeginParams): StartedRun {
    this.requireNoLiveLease(params.credentialId);
    if (this.#locked.has(scopeKey(params.scope))) {
      throw new ConflictError("Data of this tenant is being erased.", { leaseEndsInMs: 0 });
    }
    const current = this.#endIfCancelled(params);
    if (current !== null && isEqualRequest(current, params)) {
      const { worker = null } = params;
      const run = this.update(current.id, {
        status: "running",
        error: null,
        worker: structuredClone(worker),
      });
      return { lease: this.#own(run, params.leaseMs), run, resumed: true };
    }
    if (this.#runs.get(params.runId) !== null) {
      throw runIdTaken(params.runId);
    }
    if (current !== null) this.#finish(current, { status: "failed", error: supersededRun });
    const run = this.#start(params);
    return { lease: this.#own(run, params.leaseMs), run, resumed: false };
  }

  /** @returns `false` if a run has this id. */
  addCancelled(params: Omit<BeginParams, "leaseMs" | "worker">): boolean {
    if (this.#runs.get(params.runId) !== null) return false;
    const run = newRun(params, this.#clock.now());
    this.#runs.append(run.id, { ...run, status: "cancelled", completedAt: run.startedAt });
    return true;
  }

  heartbeat(lease: RunLease, leaseMs: number): LeaseRenewal {
    const owner = this.require(lease);
    owner.expiresAt = this.#clock.now() + leaseMs;
    this.update(lease.runId, {});
    return { cancelRequestedBy: owner.cancelRequestedBy };
  }

  requestCancel({ companyId, runId, actor }: CancelParams): CancelOutcome | null {
    const run = this.#runs.get(runId);
    if (run === null || run.scope.companyId !== companyId) return null;
    if (this.#current.get(run.credentialId) !== runId) return "ended";
    const owner = this.#owners.get(run.credentialId);
    if (owner !== undefined && this.#isAlive(owner)) {
      owner.cancelRequestedBy ??= actor;
      return "requested";
    }
    this.#finish(run, { status: "cancelled", error: null });
    return "cancelled";
  }

  end({ lease, status, warnings, error, handedOver = false }: Parameters<Storage["endRun"]>[0]): StoredRun {
    const { cancelRequestedBy } = this.require(lease);
    this.#owners.delete(lease.credentialId);
    const isPaused = status === "paused" && cancelRequestedBy === null;
    const outcome = {
      status: status === "paused" && !isPaused ? "cancelled" : status,
      warnings: structuredClone(warnings),
      error: structuredClone(error),
    };
    const run = this.#get(lease.runId);
    if (!isPaused) return this.#finish(run, outcome);
    return this.update(run.id, { ...outcome, handedOver: run.handedOver + (handedOver ? 1 : 0) });
  }

  findLease(credentialId: string): LeaseState | null {
    const owner = this.#owners.get(credentialId);
    return owner === undefined ? null : { runId: owner.runId, endsInMs: owner.expiresAt - this.#clock.now() };
  }

  /** @throws {@link LeaseLostError} unless this is the latest fence and has not expired. */
  require(lease: RunLease): LeaseHolder {
    const owner = this.#owners.get(lease.credentialId);
    const isOwner = owner?.runId === lease.runId && owner.fence === lease.fence;
    if (owner !== undefined && isOwner && this.#isAlive(owner)) return owner;
    throw leaseLost(lease.runId);
  }

  /** @throws {@link ConflictError} while somebody owns the credential's run. */
  requireNoLiveLease(credentialId: string): void {
    const owner = this.#owners.get(credentialId);
    const leaseEndsInMs = (owner?.expiresAt ?? 0) - this.#clock.now();
    if (owner === undefined || leaseEndsInMs <= 0) return;
    throw runInProgress(owner.runId, leaseEndsInMs);
  }

  /**
   * Prevents runs of a tenant from starting until the returned function is called.
   * @throws {@link ConflictError} while somebody owns one.
   */
  lock(scope: TenantScope): () => void {
    for (const { credentialId, runId } of this.#owners.values()) {
      const run = this.#runs.get(runId);
      if (run !== null && isSameScope(run.scope, scope)) this.requireNoLiveLease(credentialId);
    }
    const key = scopeKey(scope);
    if (this.#locked.has(key)) throw new ConflictError("Data of this tenant is being erased.");
    this.#locked.add(key);
    return () => this.#locked.delete(key);
  }

  /** Changes a run and when it was last touched. */
  update(id: string, change: Partial<StoredRun>): StoredRun {
    const run = { ...this.#get(id), ...change, updatedAt: this.#clock.now() };
    this.#runs.replace(id, run);
    return run;
  }

  find(id: string): StoredRun | null {
    const run = this.#runs.get(id);
    return run === null ? null : this.shown(run);
  }

  findCurrent(credentialId: string): StoredRun | null {
    const id = this.#current.get(credentialId);
    return id === undefined ? null : this.find(id);
  }

  /** A run as it is seen: lost when it is running and nobody owns it. */
  shown(run: StoredRun): StoredRun {
    if (run.status !== "running") return run;
    const owner = this.#owners.get(run.credentialId);
    const isOwned = owner?.runId === run.id && this.#isAlive(owner);
    return isOwned ? run : { ...run, status: "lost" };
  }

  /** The longest lost first. */
  listLost(limit: number): readonly StoredRun[] {
    const expiry = ({ credentialId }: StoredRun): number => this.#owners.get(credentialId)?.expiresAt ?? 0;
    return [...this.#current.values()]
      .flatMap((id) => this.find(id) ?? [])
      .filter(({ status }) => status === "lost")
      .sort((one, other) => expiry(one) - expiry(other))
      .slice(0, limit);
  }

  endLost({ runId, error }: Parameters<Storage["endLostRun"]>[0]): StoredRun | null {
    const run = this.find(runId);
    if (run?.status !== "lost") return null;
    const isToCancel = typeof this.#owners.get(run.credentialId)?.cancelRequestedBy === "string";
    if (isToCancel) return this.#finish(run, { status: "cancelled", error: null });
    return this.#finish(run, { status: "failed", error: structuredClone(error) });
  }

  /** Ends a credential's run that nobody owns `cancelled`; does nothing without one. */
  cancelCurrent(credentialId: string): void {
    this.requireNoLiveLease(credentialId);
    const run = this.findCurrent(credentialId);
    if (run !== null) this.#finish(run, { status: "cancelled", error: null });
  }

  /** Ends the runs that nobody has worked on since, and returns how many they were. */
  endAbandoned({ before, limit }: PruneStep): number {
    const owned = [...this.#owners].flatMap(([id, owner]) => (this.#isAlive(owner) ? [id] : []));
    const abandoned = [...this.#current.keys()]
      .filter((credentialId) => {
        const run = this.findCurrent(credentialId);
        return run !== null && run.updatedAt < before && !owned.includes(credentialId);
      })
      .slice(0, limit);
    for (const credentialId of abandoned) this.cancelCurrent(credentialId);
    return abandoned.length;
  }

  /** Deletes the runs that match and have no live owner. Fences stay, so that they only grow. */
  forget(matches: (run: StoredRun) => boolean): void {
    for (const run of this.#runs.newestFirst()) {
      if (!matches(run)) continue;
      this.#runs.delete(run.id);
      if (this.#current.get(run.credentialId) === run.id) {
        this.#current.delete(run.credentialId);
        this.#owners.delete(run.credentialId);
      }
      this.#whenEnded(run);
    }
  }

  #isAlive(owner: LeaseHolder): boolean {
    return owner.expiresAt > this.#clock.now();
  }

  #get(id: string): StoredRun {
    const run = this.#runs.get(id);
    if (run === null) throw new LeaseLostError(`No run with the id ${id} exists.`);
    return run;
  }

  /**
   * The current run of a credential that nobody owns. If its owner was to cancel it and died first, it is over.
   * @throws {@link ConflictError} when it is the one that is to begin.
   */
  #endIfCancelled({ credentialId, runId }: BeginParams): StoredRun | null {
    const current = this.findCurrent(credentialId);
    if (current === null || typeof this.#owners.get(credentialId)?.cancelRequestedBy !== "string")
      return current;
    this.#finish(current, { status: "cancelled", error: null });
    if (current.id === runId) throw runCanceled(runId);
    return null;
  }

  #start(params: BeginParams): StoredRun {
    const run = newRun(params, this.#clock.now());
    this.#runs.append(run.id, run);
    this.#current.set(run.credentialId, run.id);
    return run;
  }

  #own(run: StoredRun, leaseMs: number): RunLease {
    const { id: runId, credentialId } = run;
    const fence = (this.#fences.get(credentialId) ?? 0) + 1;
    this.#fences.set(credentialId, fence);
    const lease = { credentialId, runId, fence };
    this.#owners.set(credentialId, {
      ...lease,
      expiresAt: this.#clock.now() + leaseMs,
      cancelRequestedBy: null,
    });
    return lease;
  }

  #finish(run: StoredRun, outcome: Partial<StoredRun>): StoredRun {
    this.#current.delete(run.credentialId);
    this.#owners.delete(run.credentialId);
    const finished = this.update(run.id, { ...outcome, completedAt: this.#clock.now() });
    this.#whenEnded(finished);
    return finished;
  }
}

function newRun(
  { runId, credentialId, scope, type, request, worker = null }: Omit<BeginParams, "leaseMs">,
  now: number,
): StoredRun {
  return {
    id: runId,
    credentialId,
    scope: { ...scope },
    type,
    request: structuredClone(request),
    status: "running",
    startedAt: now,
    updatedAt: now,
    completedAt: null,
    feeds: {},
    lastFeed: null,
    records: {},
    warnings: [],
    error: null,
    handedOver: 0,
    worker: structuredClone(worker),
  };
}

function isEqualRequest(run: StoredRun, params: BeginParams): boolean {
  return isSameScope(run.scope, params.scope) && requestKey(run.request) === requestKey(params.request);
}

/** The same text for equal requests, however their objects were built. */
function requestKey({ data, mode, fresh, rederive, replay, range, allowRemovals }: RunRequest): string {
  return JSON.stringify([
    data,
    mode,
    fresh,
    rederive,
    replay === true,
    range === null ? null : [range.from, range.to, range.by],
    allowRemovals,
  ]);
}
