import type { Writable } from "node:stream";
import type { Logger } from "@titan-sync/core";
import { pino } from "pino";
import type { LogLevel } from "../configuration/settings-schema.js";

/**
 * The fields that may appear in a log line. All others are left out: a list of what must not be logged
 * would always be incomplete.
 */
const allowedFields: ReadonlySet<string> = new Set([
  "acceptedId",
  "action",
  "attempt",
  "attempts",
  "code",
  "companyId",
  "count",
  "credentialId",
  "data",
  "delayMs",
  "durationMs",
  "environment",
  "event",
  "feed",
  "hint",
  "hold",
  "method",
  "mode",
  "outcome",
  "page",
  "path",
  "reason",
  "record",
  "requestId",
  "restMs",
  "retryAfterMs",
  "retryInMs",
  "rows",
  "runId",
  "status",
  "step",
  "subject",
  "tenantId",
  "waitMs",
]);

/** Logs as JSON lines, one a message, with allowed fields only. */
export function createLogger(level: LogLevel, stream: Writable): Logger {
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => void stream.write(line) },
  );
  return {
    debug: (fields, message) => logger.debug(allowed(fields), message),
    info: (fields, message) => logger.info(allowed(fields), message),
    warn: (fields, message) => logger.warn(allowed(fields), message),
    error: (fields, message) => logger.error(allowed(fields), message),
  };
}

function allowed(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => allowedFields.has(name)));
}
