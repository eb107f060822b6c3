import type { Logger } from "../ports/logger.js";
import type { ProgressReporter } from "../ports/progress-reporter.js";
import type { SyncEvent } from "../ports/sync-event.js";

/** At most this many events wait for a slow reporter; beyond that, the oldest are dropped. */
const maxWaiting = 1000;

/**
 * Tells reporters of events, each in order, one at a time, and waits for none: a reporter that throws, rejects
 * or never comes back harms neither the run nor the other reporters.
 */
export function createReporterFeed(
  reporters: readonly ProgressReporter[],
  logger: Logger,
): (event: SyncEvent) => void {
  const notify = reporters.map((reporter) => feedOne(reporter, logger));
  return (event) => {
    for (const notifyOne of notify) notifyOne(event);
  };
}

function feedOne(reporter: ProgressReporter, logger: Logger): (event: SyncEvent) => void {
  const waiting: SyncEvent[] = [];
  let isBusy = false;
  let hasFailed = false;

  function recordFailure({ runId, event }: SyncEvent): void {
    // One line is enough; a reporter that fails for every event would fill the log.
    if (!hasFailed) logger.warn({ runId, event }, "a progress reporter failed");
    hasFailed = true;
  }

  async function waitFor(answer: PromiseLike<unknown>, event: SyncEvent): Promise<void> {
    isBusy = true;
    try {
      await answer;
    } catch {
      recordFailure(event);
    }
    isBusy = false;
    flush();
  }

  function flush(): void {
    while (!isBusy) {
      const event = waiting.shift();
      if (event === undefined) return;
      try {
        const answer: unknown = reporter(event);
        if (isPromise(answer)) void waitFor(answer, event);
      } catch {
        recordFailure(event);
      }
    }
  }

  return (event) => {
    waiting.push(event);
    if (waiting.length > maxWaiting) waiting.shift();
    flush();
  };
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
