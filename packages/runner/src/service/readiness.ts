import {
  type Clock,
  ConfigError,
  isoTime,
  type Logger,
  type Storage,
  systemClock,
  TimeoutError,
  TitanSyncError,
} from "@titan-sync/core";
import { inTime } from "@titan-sync/core/support";
import type { OpenDatabase } from "../database/open-database.js";
import { requireCurrentSchema } from "../database/require-current-schema.js";
import type { Service } from "./start-service.js";

/** A part that a server needs and does not have. Shown to everybody: no names, no addresses. */
export interface MissingPart {
  readonly part: "process" | "database" | "scheduler" | "worker";
  readonly message: string;
}

export interface ReadinessOptions {
  readonly database: Pick<OpenDatabase, "migrationStatus">;
  readonly storage: Pick<Storage, "findLastTick">;
  /** Whether this process schedules. */
  readonly schedules: boolean;
  /** `null` before it has started. */
  readonly service: () => Pick<Service, "worker"> | null;
  /** Aborted when the process is to stop. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** @defaultValue the system clock */
  readonly clock?: Clock | undefined;
}

/** How long the database may take to answer, in milliseconds. */
const databaseMs = 5_000;
/** A scheduler gives a sign every second, and at least every 30 while it fails. */
const silentMs = 60_000;

/**
 * @returns a function that says what is missing. Many callers at once cause one look at the database.
 */
export function createReadiness(options: ReadinessOptions): () => Promise<readonly MissingPart[]> {
  const { clock = systemClock } = options;
  const startedAt = clock.now();
  let looking: Promise<readonly MissingPart[]> | null = null;

  async function look(): Promise<readonly MissingPart[]> {
    const database = await lookAtDatabase(options, clock, startedAt);
    if (options.service()?.worker?.status().isClosing !== true) return database;
    return [...database, { part: "worker", message: "The worker has stopped." }];
  }

  return async () => {
    if (options.signal.aborted) return [{ part: "process", message: "The process is shutting down." }];
    if (options.service() === null) return [{ part: "process", message: "The process is starting." }];
    looking ??= look().finally(() => {
      looking = null;
    });
    return await looking;
  };
}

async function lookAtDatabase(
  { database, storage, schedules, logger }: ReadinessOptions,
  clock: Clock,
  startedAt: number,
): Promise<readonly MissingPart[]> {
  try {
    const tick = await inTime(
      async () => {
        await requireCurrentSchema(database);
        return await storage.findLastTick();
      },
      { clock, ms: databaseMs, late: () => new TimeoutError("The database does not answer.") },
    );
    const lastSign = Math.max(tick ?? 0, startedAt);
    if (!schedules || clock.now() - lastSign < silentMs) return [];
    const since = tick === null ? "" : ` since ${isoTime(tick)}`;
    return [{ part: "scheduler", message: `The scheduler has given no sign${since}.` }];
  } catch (error) {
    logger.warn({ code: TitanSyncError.is(error) ? error.code : null }, "the database is not ready");
    // Of others the message may name the database.
    const message = error instanceof ConfigError ? error.message : "The database does not answer.";
    return [{ part: "database", message }];
  }
}
