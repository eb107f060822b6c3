import type { StoredRun, SyncEvent } from "@titan-sync/core";

/** A run as it is after an event. */
export function applyEvent(run: StoredRun, event: SyncEvent): StoredRun {
  const updated = { ...run, updatedAt: event.at };
  switch (event.event) {
    case "batch:landed":
    case "feed:end":
      return { ...updated, feeds: { ...run.feeds, [event.feed]: event.figures }, lastFeed: event.feed };
    case "batch:delivered":
      return { ...updated, records: { ...run.records, [event.record]: event.figures } };
    case "run:warning":
      return { ...updated, warnings: [...run.warnings, event.warning] };
    case "run:end": {
      const { status, warnings, error } = event;
      return { ...updated, status, warnings, error, completedAt: event.at };
    }
    default:
      return updated;
  }
}
