import {
  type Clock,
  eachItem,
  type Logger,
  type StoredRun,
  type SyncEvent,
  type TitanSync,
} from "@titan-sync/core";
import { errorCodeOf } from "../http/error-code.js";
import type { EventSource } from "./event-source.js";
import { eventsBetween } from "./run-difference.js";

export interface PollingSourceOptions {
  readonly runs: Pick<TitanSync["runs"], "list" | "find">;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly intervalMs: number;
  /** Runs that are reported elsewhere. */
  readonly isKnown: (runId: string) => boolean;
}

/** Looks at the runs in progress as long as somebody listens: one look for all listeners of a process. */
export function createPollingSource(options: PollingSourceOptions): EventSource {
  const { runs, clock, logger } = options;
  const listeners = new Set<(event: SyncEvent) => void>();
  let polling: AbortController | null = null;

  async function runsInProgress(): Promise<Map<string, StoredRun>> {
    const inProgress = new Map<string, StoredRun>();
    for (const status of ["lost", "running"] as const) {
      for await (const run of eachItem((page) => runs.list({ status }, page))) inProgress.set(run.id, run);
    }
    return inProgress;
  }

  function notify(before: StoredRun | null, now: StoredRun): void {
    if (options.isKnown(now.id)) return;
    for (const event of eventsBetween(before, now)) {
      for (const listener of listeners) listener(event);
    }
  }

  /** @param known - `null` for the first poll: runs already in progress are not new. */
  async function look(
    known: Map<string, StoredRun> | null,
    signal: AbortSignal,
  ): Promise<Map<string, StoredRun>> {
    const current = await runsInProgress();
    // Listeners added meanwhile are served by a later poll.
    if (known === null || signal.aborted) return current;
    for (const run of current.values()) notify(known.get(run.id) ?? null, run);
    for (const before of known.values()) {
      if (current.has(before.id)) continue;
      const ended = await runs.find(before.id);
      // Another run may do the work of a superseded one, and is found in its place.
      if (ended?.id === before.id && !signal.aborted) notify(before, ended);
    }
    return current;
  }

  async function poll(signal: AbortSignal): Promise<void> {
    let known: Map<string, StoredRun> | null = null;
    while (!signal.aborted) {
      try {
        known = await look(known, signal);
      } catch (error) {
        logger.warn({ code: errorCodeOf(error) }, "cannot read the runs in progress; events will be late");
      }
      await clock.sleep(options.intervalMs, signal).catch(() => undefined);
    }
  }

  function stop(): void {
    polling?.abort();
    polling = null;
  }

  return {
    subscribe(listener) {
      listeners.add(listener);
      if (polling === null) {
        polling = new AbortController();
        void poll(polling.signal);
      }
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) stop();
      };
    },
    close() {
      listeners.clear();
      stop();
    },
  };
}
