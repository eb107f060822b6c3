import {
  createTitanSync,
  type KeyProvider,
  type Logger,
  type RecordSinkObject,
  type TitanSync,
} from "@titan-sync/core";
import {
  postgresAppendSink,
  postgresRateLimitCoordinator,
  postgresSink,
  postgresStorage,
} from "@titan-sync/postgres";
import { loadSettings, type Settings } from "../configuration/load-settings.js";
import { createLogger } from "../output/logger.js";
import type { CommandContext, GlobalFlags } from "../program/context.js";
import type { ExitCode } from "../program/exit-codes.js";
import { loadKeys } from "./encryption-keys.js";
import { type OpenDatabase, openDatabase } from "./open-database.js";
import { requireCurrentSchema } from "./require-current-schema.js";

/** What a command works with. */
export interface OpenTitan {
  readonly titan: TitanSync;
  readonly settings: Settings;
  /** Aborted when the command is to stop: by a person, or because the database must not be used any more. */
  readonly signal: AbortSignal;
  /** For people; without a password. */
  readonly databaseName: string;
  /** Tells a person something on standard error, where it is not in the way of results. */
  note(text: string): void;
}

export interface WithTitanOptions {
  /** After how long the key file is read again. @defaultValue that of {@link loadKeys} */
  readonly keysMaxAgeMs?: number | undefined;
}

/**
 * Opens what the configuration says, does the work, and closes everything again, whatever happened.
 *
 * @throws {@link ConfigError} for a wrong configuration or a database that is not up to date;
 * {@link ConflictError} when another process has the embedded database.
 */
export async function withTitan(
  context: CommandContext,
  flags: GlobalFlags,
  work: (open: OpenTitan) => Promise<ExitCode>,
  { keysMaxAgeMs }: WithTitanOptions = {},
): Promise<ExitCode> {
  const settings = await loadSettings(context, flags);
  const note = (text: string): void => void context.stderr.write(`${text}\n`);
  for (const warning of settings.warnings) note(`warning: ${warning}`);
  const logger = createLogger(settings.logLevel, context.stderr);
  const keys = await loadKeys(settings, { logger, maxAgeMs: keysMaxAgeMs });
  const database = await openDatabase(settings, { create: false });
  try {
    await requireCurrentSchema(database.pool);
    const titan = composeTitan(settings, keys, database, logger);
    try {
      const signal = AbortSignal.any([context.signal, database.lost]);
      return await work({ titan, settings, signal, databaseName: database.name, note });
    } finally {
      await titan.close();
    }
  } finally {
    await database.close();
  }
}

/** Puts storage, sink, keys and addresses together. */
export function composeTitan(
  settings: Settings,
  keys: KeyProvider,
  { pool }: Pick<OpenDatabase, "pool">,
  logger: Logger,
): TitanSync {
  const storage = postgresStorage({ pool });
  return createTitanSync({
    storage,
    company: async (id) => {
      const stored = await storage.findCompany(id);
      const given = settings.companies[id];
      return given === undefined ? stored : { trade: null, ...stored, ...given };
    },
    sink: composeSink(settings, pool),
    keys,
    logger,
    endpoints: { apiUrl: settings.apiUrl ?? undefined, authUrl: settings.authUrl ?? undefined },
    requestsPerSecond: settings.rateLimit,
    // The embedded database has one process only.
    ...(settings.databaseUrl === null
      ? {}
      : { rateLimitCoordinator: postgresRateLimitCoordinator({ pool }) }),
  });
}

/** Where records go. */
export function composeSink(
  { tables }: Pick<Settings, "tables">,
  pool: OpenDatabase["pool"],
): RecordSinkObject {
  return tables === null ? postgresSink({ pool }) : postgresAppendSink({ pool, tables });
}
