import type { ProgressReporter } from "../ports/progress-reporter.js";
import type { SyncEvent } from "../ports/sync-event.js";

export interface ThrottleOptions {
  /** At most one page, landing or delivery in this time for each feed or record type, in milliseconds. @defaultValue 1000 */
  readonly intervalMs?: number | undefined;
}

/** The last reported event, for example of one feed's pages, and those received since. */
interface Slot {
  readonly toldAt: number;
  readonly held: SyncEvent | null;
}

/**
 * Passes on fewer pages and batches, always the latest: for reporters that write to a database or over a
 * network. Starts, ends and warnings pass at once, after the delayed events of their run.
 *
 * @example
 * const progress = throttledReporter(async (event) => await broadcast(event), { intervalMs: 2000 });
 */
export function throttledReporter(
  reporter: ProgressReporter,
  { intervalMs = 1000 }: ThrottleOptions = {},
): ProgressReporter {
  const runs = new Map<string, Map<string, Slot>>();

  function takeHeld(slots: Map<string, Slot>): readonly SyncEvent[] {
    const held: SyncEvent[] = [];
    for (const [key, slot] of slots) {
      if (slot.held === null) continue;
      held.push(slot.held);
      slots.set(key, { toldAt: slot.held.at, held: null });
    }
    return held.sort((left, right) => left.at - right.at);
  }

  return (event) => {
    const slots = runs.get(event.runId) ?? new Map<string, Slot>();
    runs.set(event.runId, slots);
    const key = slotOf(event);
    if (key === null) {
      if (event.event === "run:end") runs.delete(event.runId);
      return notify(reporter, [...takeHeld(slots), event]);
    }
    const slot = slots.get(key);
    if (slot !== undefined && event.at - slot.toldAt < intervalMs) {
      slots.set(key, { ...slot, held: event });
      return undefined;
    }
    slots.set(key, { toldAt: event.at, held: null });
    return notify(reporter, [event]);
  };
}

/** Later events of a slot replace earlier ones; `null` for those that always pass. */
function slotOf(event: SyncEvent): string | null {
  switch (event.event) {
    case "page:read":
    case "batch:landed":
      return `${event.event} ${event.feed}`;
    case "batch:delivered":
      return `${event.event} ${event.record}`;
    default:
      return null;
  }
}

/** Reports one after the other; the caller learns of a failure, even a later one. */
function notify(reporter: ProgressReporter, events: readonly SyncEvent[]): unknown {
  const [first, ...others] = events;
  if (first === undefined) return undefined;
  const answer: unknown = reporter(first);
  if (answer instanceof Promise) return answer.then(() => notify(reporter, others));
  return notify(reporter, others);
}
