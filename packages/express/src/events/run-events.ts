import type { Clock, Logger, RunDispatcher, SyncEvent, TitanSync } from "@titan-sync/core";
import type { EventSource } from "./event-source.js";
import { createPollingSource } from "./polling-source.js";

export interface RunEventsOptions {
  readonly runs: Pick<TitanSync["runs"], "list" | "find">;
  /** The source of events of runs in this process. */
  readonly locals: readonly Pick<RunDispatcher, "subscribe">[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly intervalMs: number;
}

/** Events of the runs in this process as they happen, and of all others as far as the storage shows them. */
export function createRunEvents(options: RunEventsOptions): EventSource {
  const listeners = new Set<(event: SyncEvent) => void>();
  const live = new Set<string>();
  const polled = createPollingSource({ ...options, isKnown: (runId) => live.has(runId) });
  const closed = new AbortController();
  let stop: (() => void) | null = null;

  function notify(event: SyncEvent): void {
    for (const listener of listeners) listener(event);
  }

  // From the start, even without listeners: the polling source must know which runs are reported live.
  const stops = options.locals.map((local) =>
    local.subscribe?.((event) => {
      live.add(event.runId);
      notify(event);
      if (event.event === "run:end") forgetLater(event.runId);
    }),
  );

  /** The current poll of the storage may still show the run in progress. */
  function forgetLater(runId: string): void {
    void options.clock.sleep(2 * options.intervalMs + 1000, closed.signal).then(
      () => live.delete(runId),
      () => undefined,
    );
  }

  return {
    subscribe(listener) {
      listeners.add(listener);
      stop ??= polled.subscribe(notify);
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        stop?.();
        stop = null;
      };
    },
    close() {
      closed.abort();
      for (const stopLocal of stops) stopLocal?.();
      listeners.clear();
      polled.close();
    },
  };
}
