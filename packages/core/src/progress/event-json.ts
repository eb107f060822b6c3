import { type WithIsoTimes, withIsoTimes } from "../json/iso-time.js";
import type { SyncEvent } from "../ports/sync-event.js";

/** An event as JSON: its instants are ISO 8601 text, everything else as in {@link SyncEvent}. */
export type SyncEventJson = WithIsoTimes<SyncEvent, "at" | "until">;

/** What of an event goes into JSON: lines, server-sent events, a queue. */
export function eventJson(event: SyncEvent): SyncEventJson {
  return withIsoTimes(event, ["at", "until"]);
}
