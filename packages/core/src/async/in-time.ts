import type { TitanSyncError } from "../errors.js";
import type { Clock } from "../ports/clock.js";
import { orAborted } from "./aborted.js";

/** How long something may take. */
export interface TimeLimit {
  readonly clock: Clock;
  /** In milliseconds. */
  readonly ms: number;
  /** The error when the time is up. */
  readonly late: () => TitanSyncError;
  /** Ends it sooner. @defaultValue nothing does */
  readonly signal?: AbortSignal | undefined;
}

/** A time limit that runs. */
export interface Deadline {
  /** Aborted with the limit's error when the time is up, or when the limit's signal is aborted. */
  readonly signal: AbortSignal;
  /** Ends the time limit, so that no timer remains. */
  end(): void;
}

/** Created once: an error for each call would cost more than the work itself. */
const inTimeAfterAll = new Error("The time no longer counts.");

/** Starts the time of a limit. Whoever starts it ends it. */
export function startDeadline({ clock, ms, late, signal }: TimeLimit): Deadline {
  const passed = new AbortController();
  const ended = new AbortController();
  clock.sleep(ms, ended.signal).then(
    () => passed.abort(late()),
    () => undefined,
  );
  return {
    signal: signal === undefined ? passed.signal : AbortSignal.any([signal, passed.signal]),
    end: () => ended.abort(inTimeAfterAll),
  };
}

/**
 * The result of the work, or the limit's error when the time is over, whatever the work does: what it does after that
 * is ignored. The signal that the work receives is aborted then.
 *
 * @throws what the work threw; what the limit says; as {@link orAborted} does, when the limit's signal is aborted.
 */
export async function inTime<Result>(
  work: (signal: AbortSignal) => Promise<Result>,
  limit: TimeLimit,
): Promise<Result> {
  const { signal, end } = startDeadline(limit);
  try {
    return await orAborted(() => work(signal), signal);
  } finally {
    end();
  }
}
