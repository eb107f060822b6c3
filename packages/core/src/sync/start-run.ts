import { shared } from "../async/aborted.js";
import { createByteBudget } from "../async/byte-budget.js";
import type { DryRunDiff } from "../dry-run/dry-run-diff.js";
import { AbortedError } from "../errors.js";
import type { ApiClient } from "../http/api-client.js";
import type { RunEvent } from "../ledger/run-event.js";
import { createRunTally } from "../ledger/run-tally.js";
import { createThroughputMeter } from "../ledger/throughput.js";
import {
  createWarningList,
  stillTrue,
  warningOfRemovals,
  warningsFromFigures,
  warningsOfRejectedRecords,
  warningsOfRejectedRows,
} from "../ledger/warnings.js";
import type { Clock } from "../ports/clock.js";
import type { Logger } from "../ports/logger.js";
import type { ProgressReporter } from "../ports/progress-reporter.js";
import type { RecordSinkObject } from "../ports/record-sink.js";
import type { StartedRun } from "../ports/run-store.js";
import type { SyncEvent } from "../ports/sync-event.js";
import type { RunWarning, StoredRun } from "../ports/sync-run.js";
import { createEventStream } from "../progress/event-stream.js";
import { createReporterFeed } from "../progress/reporter-feed.js";
import type { RecordCatalog } from "../records/definitions/catalog.js";
import type { CompanyProfile } from "../records/map-context.js";
import type { SuppressedRows } from "../suppressions/suppressed-rows.js";
import { createRunTelemetry } from "../telemetry/run-telemetry.js";
import { executeRun, type RunOutcome } from "./execute-run.js";
import { keepLease } from "./run/lease-keeper.js";
import type { RunContext, RunStorage } from "./run/run-context.js";
import type { RunHandle, RunResult } from "./run-handle.js";
import { ledgerOf } from "./run-ledger.js";
import type { BatchWriter } from "./sink/batch-writer.js";

export interface StartRunOptions {
  readonly catalog: RecordCatalog;
  readonly storage: RunStorage;
  readonly sink: RecordSinkObject;
  readonly writer: BatchWriter;
  /** The sink's warnings before the run started. */
  readonly sinkWarnings: readonly RunWarning[];
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly reporters: readonly ProgressReporter[];
  readonly begun: StartedRun;
  readonly company: CompanyProfile;
  readonly leaseMs: number;
  readonly batchSize: number;
  readonly maxBytesInFlight: number;
  readonly parallelBackfill: boolean;
  readonly stopAfterMs: number | null;
  readonly pauseOnFailure: boolean;
  readonly signal: AbortSignal | null;
  readonly newId: () => string;
  /** Reads the tenant's suppression list. */
  readonly loadSuppressed: () => Promise<SuppressedRows>;
  /** The result of a dry run; `null` for other runs. */
  readonly diff: (() => DryRunDiff) | null;
  /**
   * Told once how the run ended, before the result is handed out.
   * @param cancelledBy - who requested it, if known.
   */
  readonly onEnd: (result: RunResult, cancelledBy: string | null) => Promise<void>;
}

/**
 * How long a run that should pause continues if it has made no progress yet: otherwise slices shorter than
 * a response of the API would never finish.
 */
const maxOvertimeMs = 2_000;

/** Works on a run whose lease was taken, until its end is stored. */
export function startRun(options: StartRunOptions): RunHandle {
  const { begun, clock, logger } = options;
  const { run, lease } = begun;
  const stop = createStop(options);
  const events = createEventStream();
  const warnings = createWarningList(begun.resumed ? stillTrue(run.warnings) : []);
  const throughput = createThroughputMeter(clock, run);
  const notifyReporters = createReporterFeed(options.reporters, logger);
  // A dry run changes nothing and is counted nowhere.
  const measure = options.diff === null ? createRunTelemetry(run) : null;
  const emit = (event: RunEvent): void => {
    const { credentialId, scope } = run;
    const base = { runId: run.id, credentialId, companyId: scope.companyId, at: clock.now() };
    const full = { ...throughput.complete(event), ...base } as SyncEvent;
    events.publish(full);
    notifyReporters(full);
    measure?.(full);
  };
  const context: RunContext = {
    ...options,
    lease,
    scope: run.scope,
    request: run.request,
    budget: createByteBudget(options.maxBytesInFlight),
    startedAt: run.startedAt,
    ownedSince: run.updatedAt,
    version: String(Math.floor(run.startedAt / 1000)),
    signal: stop.signal,
    suppressed: loadOnce(options.loadSuppressed),
    figures: createRunTally(run),
    throughput,
    emit,
    warn(warning) {
      if (warnings.add(warning)) emit({ event: "run:warning", warning });
    },
    movedOn: stop.movedOn,
  };

  options.client.onWait((wait) => {
    logger.warn({ runId: run.id, ...wait }, "the run is waiting for ServiceTitan");
    emit({ event: "run:wait", ...wait });
  });

  async function end(outcome: RunOutcome): Promise<RunResult> {
    const { figures, sink } = context;
    const found = [
      ...warningsOfRejectedRows(figures.all()),
      ...warningsOfRejectedRecords(figures.all()),
      ...warningsFromFigures(figures),
      ...warningOfRemovals(figures, sink),
    ];
    for (const warning of found) context.warn(warning);
    const { status, error, completeness } = outcome;
    const stored = await options.storage.endRun({
      lease,
      status,
      error,
      warnings: warnings.all(),
      completeness,
      handedOver: stop.isHandedOver(),
    });
    return toResult(stored, outcome, options);
  }

  async function work(): Promise<RunResult> {
    const stopHeartbeats = keepLease({
      ...options,
      store: options.storage,
      lease,
      onLost: stop.lose,
      onCancel: stop.cancel,
    });
    try {
      const { data, mode, rederive, replay = false } = run.request;
      const { resumed } = begun;
      emit({ event: "run:start", data, mode, resumed, dryRun: options.diff !== null, rederive, replay });
      for (const warning of options.sinkWarnings) context.warn(warning);
      const outcome = await executeRun(context, options.newId, stop.reason, options.pauseOnFailure);
      const result = await end(outcome);
      await options.onEnd(result, result.status === "cancelled" ? stop.cancelledBy() : null);
      const { processed, successful, failed, unchanged } = result.ledger;
      const { status, durationMs, warnings: all, error } = result;
      emit({
        event: "run:end",
        status,
        processed,
        successful,
        failed,
        unchanged,
        durationMs,
        warnings: all,
        error,
      });
      return result;
    } finally {
      stop.release();
      await stopHeartbeats();
      events.end();
    }
  }

  const result = work();
  // The failure must not end the process of a host that does not await the result.
  result.catch((error: unknown) => {
    logger.error({ runId: run.id, code: codeOf(error) }, "the run's end could not be stored");
  });
  return {
    id: run.id,
    resumed: begun.resumed,
    events: events.read,
    async cancel(actor?: string) {
      stop.cancel(actor ?? null);
      await result.catch(() => undefined);
    },
    async handOver() {
      if (options.diff === null) stop.handOver();
      else stop.cancel(null);
      await result.catch(() => undefined);
    },
    hasProgressed: stop.hasMoved,
    result,
  };
}

/** Needed by several parts of the run: it is read at its first use. */
function loadOnce<Value>(load: () => Promise<Value>): () => Promise<Value> {
  let loaded: { readonly value: Value } | null = null;
  return async () => {
    loaded ??= { value: await load() };
    return loaded.value;
  };
}

function createStop({ signal, stopAfterMs, clock }: StartRunOptions) {
  const controller = new AbortController();
  const timer = new AbortController();
  let reason: "cancelled" | "paused" | null = null;
  let cancelledBy: string | null = null;
  let hasMoved = false;
  let isDue = false;
  let isHandedOver = false;

  function stop(why: "cancelled" | "paused"): void {
    if (controller.signal.aborted) return;
    reason = why;
    controller.abort(new AbortedError(`The run was ${why}.`));
  }
  function cancel(actor: string | null): void {
    if (!controller.signal.aborted) cancelledBy = actor;
    stop("cancelled");
  }
  const obey = (): void => cancel(null);

  if (signal?.aborted === true) obey();
  signal?.addEventListener("abort", obey, { once: true });
  async function pauseInTime(ms: number): Promise<void> {
    await clock.sleep(ms, timer.signal);
    isDue = true;
    if (!hasMoved) await clock.sleep(maxOvertimeMs, timer.signal);
    stop("paused");
  }
  // Its only failure is that the run ended before.
  if (stopAfterMs !== null) pauseInTime(stopAfterMs).catch(() => undefined);
  return {
    signal: shared(controller.signal),
    reason: () => reason,
    cancelledBy: () => cancelledBy,
    cancel,
    isHandedOver: () => isHandedOver,
    handOver(): void {
      if (!controller.signal.aborted) isHandedOver = true;
      stop("paused");
    },
    hasMoved: () => hasMoved,
    movedOn(): void {
      hasMoved = true;
      if (isDue) stop("paused");
    },
    lose: (error: Error) => controller.abort(error),
    release(): void {
      signal?.removeEventListener("abort", obey);
      timer.abort();
    },
  };
}

function toResult(
  stored: StoredRun,
  outcome: RunOutcome,
  { client, diff }: Pick<StartRunOptions, "client" | "diff">,
): RunResult {
  return {
    runId: stored.id,
    credentialId: stored.credentialId,
    companyId: stored.scope.companyId,
    // A run that should pause may have been canceled meanwhile.
    status: stored.status === "cancelled" ? "cancelled" : outcome.status,
    ledger: ledgerOf(stored),
    warnings: stored.warnings,
    error: stored.error,
    durationMs: (stored.completedAt ?? stored.updatedAt) - stored.startedAt,
    api: client.figures(),
    diff: diff?.() ?? null,
  };
}

function codeOf(error: unknown): string | null {
  return typeof error === "object" && error !== null && "code" in error && typeof error.code === "string"
    ? error.code
    : null;
}
