import {
  ConflictError,
  createTitanSync,
  type KeyProvider,
  type Logger,
  type TitanSync,
} from "@titan-sync/core";
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
  /** Aborted when the command is to stop. */
  readonly signal: AbortSignal;
  /** For people; without a password. */
  readonly databaseName: string;
  /** Prints a message on standard error, separate from results. */
  note(text: string): void;
}

export interface WithTitanOptions {
  /** After how long the key file is read again. @defaultValue that of {@link loadKeys} */
  readonly keysMaxAgeMs?: number | undefined;
  /** Whether the command changes what is stored: refused where the data was moved away. @defaultValue false */
  readonly writes?: boolean | undefined;
}

/**
 * Opens what the configuration says, does the work, and closes everything again, whatever happened.
 *
 * @throws {@link ConfigError} for a wrong configuration or a database that is not up to date,
 * {@link ConflictError} for a command that writes where the data was moved away.
 */
export async function withTitan(
  context: CommandContext,
  flags: GlobalFlags,
  work: (open: OpenTitan) => Promise<ExitCode>,
  { keysMaxAgeMs, writes = false }: WithTitanOptions = {},
): Promise<ExitCode> {
  const settings = await loadSettings(context, flags);
  const note = (text: string): void => void context.stderr.write(`${text}\n`);
  for (const warning of settings.warnings) note(`warning: ${warning}`);
  const logger = createLogger(settings.logLevel, context.stderr);
  const keys = await loadKeys(settings, { logger, maxAgeMs: keysMaxAgeMs });
  const database = await openDatabase(settings, { create: false });
  try {
    await requireCurrentSchema(database);
    const moved = await database.checkMove();
    // Before secrets are used, which could not be noted in the audit log anymore.
    if (moved !== null && writes) throw new ConflictError(moved);
    if (moved !== null) note(`warning: ${moved}`);
    const titan = composeTitan(settings, keys, database, logger);
    try {
      return await work({ titan, settings, signal: context.signal, databaseName: database.name, note });
    } finally {
      await titan.close();
    }
  } finally {
    await database.close();
  }
}

/** Several pages as large as they come: more would only wait in memory for those before them to land. */
const maxBytesInFlight = 16 * 1024 * 1024;

/** Puts storage, sink, keys and addresses together. */
export function composeTitan(
  settings: Settings,
  keys: KeyProvider,
  database: OpenDatabase,
  logger: Logger,
): TitanSync {
  const storage = database.storage();
  return createTitanSync({
    storage,
    company: async (id) => {
      const stored = await storage.findCompany(id);
      const given = settings.companies[id];
      return given === undefined ? stored : { trade: null, ...stored, ...given };
    },
    sink: database.sink(settings.tables),
    keys,
    logger,
    endpoints: { apiUrl: settings.apiUrl ?? undefined, authUrl: settings.authUrl ?? undefined },
    requestsPerSecond: settings.rateLimit,
    maxBytesInFlight,
    rateLimitCoordinator: database.rateLimitCoordinator(),
  });
}
