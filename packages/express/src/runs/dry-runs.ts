import type {
  Clock,
  CredentialSummary,
  DryRunDiff,
  RunHandle,
  RunRequest,
  StoredRun,
  SyncEvent,
  SyncRequest,
  TitanSync,
} from "@titan-sync/core";
import { applyEvent } from "./apply-event.js";
import { createLocalRuns } from "./local-runs.js";

/** A dry run: it stands in no history, so that this process remembers it for a while. */
export interface DryRun {
  readonly run: StoredRun;
  /** `null` until it has completed. */
  readonly diff: DryRunDiff | null;
}

export interface DryRuns {
  /**
   * Starts one.
   * @throws what `titan.sync` refuses a request with.
   */
  start(
    credential: CredentialSummary,
    request: Omit<SyncRequest, "credentialId" | "dryRun"> & { readonly runId: string },
    shown: RunRequest,
  ): Promise<string>;
  find(runId: string): DryRun | null;
  /** The one that is in progress for a credential. */
  findCurrent(credentialId: string): DryRun | null;
  cancel(runId: string, actor?: string): Promise<boolean>;
  subscribe(listener: (event: SyncEvent) => void): () => void;
  close(): Promise<void>;
}

/** A diff holds at most some dozens of samples. */
const maxKept = 200;
const keptMs = 15 * 60 * 1000;

export function createDryRuns(titan: Pick<TitanSync, "sync">, clock: Clock): DryRuns {
  const runs = createLocalRuns();
  const kept = new Map<string, DryRun>();

  function change(runId: string, how: (dryRun: DryRun) => DryRun): void {
    const dryRun = kept.get(runId);
    if (dryRun !== undefined) kept.set(runId, how(dryRun));
  }

  runs.subscribe((event) =>
    change(event.runId, (dryRun) => ({ ...dryRun, run: applyEvent(dryRun.run, event) })),
  );

  /** Ended ones are dropped first, starting with the oldest. */
  function forgetOld(): void {
    const limit = clock.now() - keptMs;
    for (const [id, { run }] of kept) {
      if (run.completedAt === null) continue;
      if (run.completedAt < limit || kept.size > maxKept) kept.delete(id);
    }
  }

  async function keepResult(handle: RunHandle): Promise<void> {
    const { diff } = await handle.result;
    change(handle.id, (dryRun) => ({ ...dryRun, diff }));
  }

  return {
    async start({ id: credentialId, companyId, environment, tenantId }, request, shown) {
      const handle = await titan.sync({ ...request, credentialId, dryRun: true });
      const now = clock.now();
      forgetOld();
      kept.set(handle.id, {
        run: {
          id: handle.id,
          credentialId,
          scope: { companyId, environment, tenantId },
          type: "manual",
          request: shown,
          status: "running",
          startedAt: now,
          updatedAt: now,
          completedAt: null,
          // There is nothing to show for feeds that have not been read yet.
          feeds: {} as StoredRun["feeds"],
          lastFeed: null,
          records: {},
          warnings: [],
          error: null,
          handedOver: 0,
          // In this process, and nowhere else to be seen.
          worker: null,
        },
        diff: null,
      });
      runs.keep(handle);
      // A run that failed has no diff, and says why in its last event.
      keepResult(handle).catch(() => undefined);
      return handle.id;
    },
    find: (runId) => kept.get(runId) ?? null,
    findCurrent: (credentialId) =>
      [...kept.values()].find(({ run }) => run.credentialId === credentialId && run.completedAt === null) ??
      null,
    cancel: runs.cancel,
    subscribe: runs.subscribe,
    close: runs.close,
  };
}
