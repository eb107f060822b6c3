import type { AlertStore } from "../ports/alert-store.js";
import type { Clock } from "../ports/clock.js";
import type { JobQueue } from "../ports/job-queue.js";
import type { RecordCatalog } from "../records/definitions/catalog.js";
import { type AdvanceOptions, advanceAlerts } from "./advance-alerts.js";
import type { AlertSnapshot, PlatformMeasures } from "./alert-snapshot.js";
import { observe } from "./observe.js";
import { newSnapshotMemory, readSnapshot, type SnapshotStorage } from "./read-snapshot.js";
import type { AlertThresholds } from "./thresholds.js";

export interface EvaluatorOptions extends Pick<AdvanceOptions, "channels" | "newId" | "linkTo"> {
  readonly storage: SnapshotStorage & Pick<AlertStore, "readAlerts" | "commitAlertTick">;
  readonly queue: Pick<JobQueue, "stats">;
  readonly catalog: RecordCatalog;
  readonly clock: Clock;
  readonly thresholds: AlertThresholds;
  readonly measure: () => Promise<PlatformMeasures>;
}

/** Looks for alerts; one of all evaluators commits each minute's tick. */
export interface Evaluator {
  /**
   * Evaluates all rules, unless that was done in this minute.
   * @returns what was seen, if this evaluator committed the tick; `null` if another one did.
   * @throws what the storage throws; nothing is lost.
   */
  tick(signal: AbortSignal): Promise<AlertSnapshot | null>;
}

/** More than a rule looks back, even if the clock of this process is hours off. */
const knownIncidentsMs = 86_400_000;
const attempts = 3;
const minuteOf = (time: number): number => Math.floor(time / 60_000);

export function createEvaluator(options: EvaluatorOptions): Evaluator {
  const { storage, queue, catalog, clock, thresholds } = options;
  const memory = newSnapshotMemory();
  const startedAt = clock.now();
  const channels = options.channels.map(({ channel }) => channel);

  /** @returns what was seen and whether it was committed; `null` if the minute has its tick. */
  async function look(
    signal: AbortSignal,
  ): Promise<{ readonly snapshot: AlertSnapshot; readonly isCommitted: boolean } | null> {
    const asked = clock.now();
    const stored = await storage.readAlerts({ incidentsSince: asked - knownIncidentsMs });
    const answered = clock.now();
    const { tickAt, now: at, revision } = stored;
    // Not "later": a clock that was put back must not stop the ticks.
    if (tickAt !== null && minuteOf(tickAt) === minuteOf(at)) return null;
    const snapshot = await readSnapshot(stored, {
      ...{ storage, queue, catalog, memory, channels, signal },
      watchingSince: at - (answered - startedAt),
      clockAheadMs: (asked + answered) / 2 - at,
      platform: await options.measure(),
    });
    const next = advanceAlerts(stored, observe(snapshot, thresholds), {
      channels: options.channels,
      escalateMs: thresholds.escalateMs,
      newId: options.newId,
      linkTo: options.linkTo,
    });
    return {
      snapshot,
      isCommitted: await storage.commitAlertTick({ ...next, expectedRevision: revision }),
    };
  }

  return {
    async tick(signal) {
      // An acknowledgment or a silence comes in between at times.
      for (let attempt = 0; attempt < attempts; attempt += 1) {
        const looked = await look(signal);
        if (looked === null) return null;
        if (looked.isCommitted) return looked.snapshot;
      }
      return null;
    },
  };
}
