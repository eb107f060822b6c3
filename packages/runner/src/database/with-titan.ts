import {
  ConflictError,
  createTitanSync,
  type KeyProvider,
  type Logger,
  type TitanSync,
} from "@titan-sync/core";
import { orAborted } from "@titan-sync/core/support";
import { loadSettings, type Settings } from "../configuration/load-settings.js";
import { createLogger } from "../output/logger.js";
import type { CommandContext, GlobalFlags } from "../program/context.js";
import type { ExitCode } from "../program/exit-codes.js";
import { loadKeys } from "./encryption-keys.js";
import { followReloads } from "./follow-reloads.js";
import { type OpenDatabase, openDatabase } from "./open-database.js";
import { requireCurrentSchema } from "./require-current-schema.js";

/** What a command works with. */
export interface OpenTitan {
  readonly titan: TitanSync;
  readonly settings: Settings;
  /** Aborted when the command is to stop. */
  readonly signal: AbortSignal;
  readonly database: OpenDatabase;
  readonly logger: Logger;
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
  /**
   * Whether the command runs until it is stopped. Settings and keys are then read again when the context asks, and what
   * does not close in time is left behind: the process ends. @defaultValue false
   */
  readonly isService?: boolean | undefined;
  /** How many syncs run at once. @defaultValue a few */
  readonly concurrency?: number | undefined;
}

/**
 * How long a service waits for each part that should have stopped already, in milliseconds: with the 8 seconds of its
 * runs, and what the program waits for in the end, it must be gone within ten.
 */
const serviceCloseMs = 300;

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
  { keysMaxAgeMs, writes = false, isService = false, concurrency }: WithTitanOptions = {},
): Promise<ExitCode> {
  const settings = await loadSettings(context, flags);
  const note = (text: string): void => void context.stderr.write(`${text}\n`);
  for (const warning of settings.warnings) note(`warning: ${warning}`);
  const logger = createLogger(settings.logLevel, context.stderr);
  const keys = await loadKeys(settings, { logger, maxAgeMs: keysMaxAgeMs });
  const database = await openDatabase(settings, { create: false, concurrency });
  try {
    await requireCurrentSchema(database);
    const moved = await database.checkMove();
    // Before secrets are used, which could not be noted in the audit log anymore.
    if (moved !== null && writes) throw new ConflictError(moved);
    if (moved !== null) note(`warning: ${moved}`);
    const { signal } = context;
    const followed = isService ? followReloads(context, flags, { settings, keys }, logger) : null;
    const titan = composeTitan(settings, followed?.keys ?? keys, database, logger, followed?.settings);
    try {
      return await work({ titan, settings, signal, database, logger, databaseName: database.name, note });
    } finally {
      followed?.release();
      await close(titan, isService);
    }
  } finally {
    await close(database, isService);
  }
}

/** What hangs in a service is left behind: its runs continue elsewhere once their leases have expired. */
async function close(part: { close(): Promise<void> }, isService: boolean): Promise<void> {
  if (!isService) return await part.close();
  const limit = AbortSignal.timeout(serviceCloseMs);
  await orAborted(() => part.close(), limit).catch((error: unknown) => {
    if (!limit.aborted) throw error;
  });
}

/** Several pages as large as they come: more would only wait in memory for those before them to land. */
const maxBytesInFlight = 16 * 1024 * 1024;

/** Puts storage, sink, keys and addresses together. */
export function composeTitan(
  settings: Settings,
  keys: KeyProvider,
  database: OpenDatabase,
  logger: Logger,
  current: () => Settings = () => settings,
): TitanSync {
  const storage = database.storage();
  return createTitanSync({
    storage,
    company: async (id) => {
      const stored = await storage.findCompany(id);
      const given = current().companies[id];
      return given === undefined ? stored : { trade: null, ...stored, ...given };
    },
    sink: database.sink(settings.tables),
    keys,
    logger,
    endpoints: { apiUrl: settings.apiUrl ?? undefined, authUrl: settings.authUrl ?? undefined },
    requestsPerSecond: settings.rateLimit ?? undefined,
    maxBytesInFlight,
    rateLimitCoordinator: database.rateLimitCoordinator(),
  });
}
