import { isoTime } from "../json/iso-time.js";
import type { Logger } from "../ports/logger.js";
import type { ProgressReporter } from "../ports/progress-reporter.js";
import type { SyncEvent, Throughput } from "../ports/sync-event.js";

/**
 * Logs what happens: starts, ends and warnings of runs and feeds as they come, pages and batches at debug level.
 * Only the fields named here are logged.
 *
 * @example
 * const titan = createTitanSync({ storage, keys, sink, logger, progress: logReporter({ logger }) });
 */
export function logReporter({ logger }: { readonly logger: Logger }): ProgressReporter {
  return (event) => {
    const { runId, credentialId, companyId } = event;
    const { level, message, ...fields } = lineOf(event);
    logger[level]({ runId, credentialId, companyId, ...fields }, message);
  };
}

interface Line {
  readonly level: keyof Logger;
  readonly message: string;
  readonly [field: string]: unknown;
}

function lineOf(event: SyncEvent): Line {
  switch (event.event) {
    case "run:start": {
      const { data, mode, resumed, dryRun, rederive, replay } = event;
      return { level: "info", message: "a run began", data, mode, resumed, dryRun, rederive, replay };
    }
    case "feed:start":
      return { level: "info", message: "a feed is being read", feed: event.feed };
    case "page:read": {
      const { feed, rows } = event;
      return { level: "debug", message: "a page was read", feed, rows, ...throughputOf(event) };
    }
    case "schema:drift": {
      const { feed, unknown, missing } = event;
      return { level: "warn", message: "rows differ from the documentation", feed, unknown, missing };
    }
    case "batch:landed": {
      const { feed, figures } = event;
      return { level: "debug", message: "rows have landed", feed, figures, ...throughputOf(event) };
    }
    case "feed:end": {
      const { feed, outcome, figures } = event;
      const level = outcome === "drained" ? "info" : "warn";
      return { level, message: "a feed has ended", feed, outcome, figures };
    }
    case "batch:delivered": {
      const { record, figures } = event;
      return { level: "debug", message: "records were delivered", record, figures, ...throughputOf(event) };
    }
    case "run:wait": {
      const { until, reason } = event;
      // The run's own logger has already reported it.
      return { level: "debug", message: "a run is waiting for ServiceTitan", until: isoTime(until), reason };
    }
    case "run:warning": {
      const { code, message, count } = event.warning;
      return { level: "warn", message, code, count };
    }
    case "run:end": {
      const { status, processed, successful, failed, unchanged, durationMs, error } = event;
      const figures = { processed, successful, failed, unchanged, durationMs };
      const level = status === "failed" ? "error" : "info";
      return { level, message: "a run has ended", status, ...figures, code: error?.code ?? null };
    }
  }
}

function throughputOf({ rowsPerSecond, total, secondsLeft }: Throughput): Throughput {
  return { rowsPerSecond, total, secondsLeft };
}
