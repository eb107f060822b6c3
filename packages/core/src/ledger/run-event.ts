import type { EventBase, PageReadEvent, SyncEvent, Throughput } from "../ports/sync-event.js";

/** An event without what the run adds: whose it is, and how fast it goes. */
export type RunEvent = SyncEvent extends infer Event
  ? Event extends PageReadEvent
    ? Omit<Event, keyof EventBase | Exclude<keyof Throughput, "total">>
    : Event extends SyncEvent
      ? Omit<Event, keyof EventBase | keyof Throughput>
      : never
  : never;
