import type { Clock, SyncEvent } from "@titan-sync/core";
import type { EventSource } from "./event-source.js";

/** An event with its place in the log of one process. */
export interface LoggedEvent {
  /** Names the log and the place: `m3x1k9-42`. */
  readonly id: string;
  readonly event: SyncEvent;
}

/** The last events, so that a reader who was cut off misses none. */
export interface EventLog {
  /** Calls `listener` for every event from now on, until the returned function is called. */
  subscribe(listener: (entry: LoggedEvent) => void): () => void;
  /** The events after an event; `null` if this log does not know that event, or no longer does. */
  after(id: string): readonly LoggedEvent[] | null;
  /** May be called twice. */
  close(): void;
}

/** Enough for a reader who was disconnected for a minute or two. */
const capacity = 2000;

/** Disconnected readers return within seconds; the log continues this long without readers. */
const lingerMs = 120_000;

export interface EventLogOptions {
  readonly source: EventSource;
  readonly clock: Clock;
  /** Differs from the names of all other logs. */
  readonly name: string;
}

export function createEventLog({ source, clock, name }: EventLogOptions): EventLog {
  const entries: LoggedEvent[] = [];
  const listeners = new Set<(entry: LoggedEvent) => void>();
  let sequence = 0;
  let unsubscribe: (() => void) | null = null;
  let lingering: AbortController | null = null;

  function append(event: SyncEvent): void {
    sequence += 1;
    const entry = { id: `${name}-${sequence}`, event };
    entries.push(entry);
    if (entries.length > capacity) entries.shift();
    for (const listener of listeners) listener(entry);
  }

  /** From here on the log has a gap, and must not claim otherwise. */
  function pause(): void {
    unsubscribe?.();
    unsubscribe = null;
    entries.length = 0;
  }

  function linger(): void {
    lingering = new AbortController();
    clock.sleep(lingerMs, lingering.signal).then(pause, () => undefined);
  }

  return {
    subscribe(listener) {
      lingering?.abort();
      lingering = null;
      listeners.add(listener);
      unsubscribe ??= source.subscribe(append);
      return () => {
        const isLast = listeners.delete(listener) && listeners.size === 0;
        if (isLast && unsubscribe !== null) linger();
      };
    },
    after(id) {
      if (unsubscribe === null) return null;
      if (id === `${name}-${sequence}`) return [];
      const index = entries.findIndex((entry) => entry.id === id);
      return index < 0 ? null : entries.slice(index + 1);
    },
    close() {
      lingering?.abort();
      listeners.clear();
      pause();
    },
  };
}
