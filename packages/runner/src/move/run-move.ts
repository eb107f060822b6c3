import { ConfigError, eachItem, Secret, StorageError, systemClock, TitanSyncError } from "@titan-sync/core";
import { waitOutLease } from "@titan-sync/core/support";
import { moveOut, sqliteJobQueue } from "@titan-sync/sqlite";
import { loadSettings } from "../configuration/load-settings.js";
import { settingsSchema } from "../configuration/settings-schema.js";
import { dataPaths } from "../database/data-directory.js";
import { openEmbedded } from "../database/open-embedded.js";
import { openPostgres, type PostgresDatabase } from "../database/open-postgres.js";
import { requireCurrentSchema } from "../database/require-current-schema.js";
import { countOf, formatDuration } from "../output/format.js";
import { writeJson, writeLine } from "../output/write.js";
import type { CommandContext, GlobalFlags } from "../program/context.js";
import { type ExitCode, exitCodes } from "../program/exit-codes.js";
import { UsageError } from "../program/usage-error.js";
import { moveDatabase } from "./move-database.js";

export interface MoveFlags {
  readonly to: string;
  readonly json?: boolean | undefined;
}

/** The maximum time without output, in milliseconds. */
const quietMs = 5_000;

/** Copies everything, then gives the embedded database up: nothing is written there afterwards. */
export async function runMove(
  context: CommandContext,
  globals: GlobalFlags,
  flags: MoveFlags,
): Promise<ExitCode> {
  const settings = await loadSettings(context, globals);
  if (settings.databaseUrl !== null) {
    throw new ConfigError(
      "Only the embedded database can be moved, and TITAN_SYNC_DATABASE_URL names PostgreSQL.",
      {
        hint: "Unset TITAN_SYNC_DATABASE_URL for this command, and let TITAN_SYNC_DATA_DIR name the data directory.",
      },
    );
  }
  const address = addressOf(flags.to);
  const source = await openEmbedded(settings.dataDirectory, false);
  try {
    await requireCurrentSchema(source);
    const target = await openPostgres(address, { setting: "--to" });
    try {
      await target.migrate({ direction: "up" });
      const rows = await move(context, source, target);
      const jobsLeft = await listJobs(source);
      const { keyFile } = dataPaths(settings.dataDirectory);
      await report(context, flags, { target: target.name, rows, jobsLeft, keyFile });
      return exitCodes.success;
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

/** The address is not repeated: it may hold a password. */
function addressOf(text: string): Secret {
  const address = settingsSchema.shape.databaseUrl.safeParse(text);
  if (address.success) return new Secret(address.data);
  throw new UsageError(
    "Invalid --to.",
    "It must be the address of a PostgreSQL database: postgres://user@host/name",
  );
}

/** @returns the rows that were copied, by table; `null` when the move was completed before. */
async function move(
  { signal, stderr }: CommandContext,
  source: Awaited<ReturnType<typeof openEmbedded>>,
  target: PostgresDatabase,
): Promise<ReadonlyMap<string, number> | null> {
  const note = (text: string): void => void stderr.write(`${text}\n`);
  const out = await waitOutLease(() => moveOut({ database: source.file, target: target.name }), {
    clock: systemClock,
    signal,
    onWait: (leftMs) =>
      note(`Another process is at work. Waiting up to ${formatDuration(leftMs)} for a sign of life.`),
  });
  const client = await target.pool.connect();
  // A broken connection fails the current statement.
  client.on("error", () => undefined);
  const rows = new Map<string, number>();
  try {
    const isMoved = await moveDatabase({
      source: out,
      sourceName: source.name,
      client,
      signal,
      onProgress: tableProgress(rows, note),
    });
    return isMoved ? rows : null;
  } catch (error) {
    throw asStorageError(error, target.name);
  } finally {
    client.release(true);
    await out.release();
  }
}

/** Keeps the counts, and reports a table when it is done or takes long. */
function tableProgress(rows: Map<string, number>, note: (text: string) => void) {
  let toldAt = systemClock.now();
  return (table: string, count: number, isDone: boolean): void => {
    rows.set(table, count);
    const now = systemClock.now();
    if (count === 0 || (!isDone && now - toldAt < quietMs)) return;
    toldAt = now;
    note(`${table}: ${countOf(count, "row")}${isDone ? "" : " so far"}`);
  };
}

/** PostgreSQL's error, without the values that its message may quote. */
function asStorageError(error: unknown, target: string): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (TitanSyncError.is(error) || typeof code !== "string" || code === "ABORT_ERR") return error;
  return new StorageError(`The database ${target} failed (${code}).`, {
    hint: "Repeat the command when it works again: the move continues where it stopped.",
    cause: error,
  });
}

/** A sync that waited for a worker. */
interface JobLeft {
  readonly runId: string;
  readonly credentialId: string;
}

/** The queue on PostgreSQL is another one. Runs that have begun are moved, and continue with the next sync. */
async function listJobs(source: Awaited<ReturnType<typeof openEmbedded>>): Promise<readonly JobLeft[]> {
  const queue = sqliteJobQueue({ database: source.file });
  const jobs: JobLeft[] = [];
  for await (const { runId, credentialId } of eachItem((page) => queue.listWaiting(page))) {
    jobs.push({ runId, credentialId });
  }
  await queue.close();
  return jobs;
}

interface Report {
  readonly target: string;
  readonly rows: ReadonlyMap<string, number> | null;
  readonly jobsLeft: readonly JobLeft[];
  readonly keyFile: string;
}

async function report(
  { stdout, stderr }: CommandContext,
  { json }: MoveFlags,
  { target, rows, jobsLeft, keyFile }: Report,
): Promise<void> {
  if (json === true) {
    const copied = Object.fromEntries(rows ?? []);
    await writeJson(stdout, { target, alreadyMoved: rows === null, rows: copied, jobsLeft });
    return;
  }
  if (jobsLeft.length > 0) {
    await writeLine(
      stderr,
      `${countOf(jobsLeft.length, "sync")} that waited in the job queue stayed behind. Schedules start theirs again; start others with \`titan-sync sync\`:
${jobsLeft.map(({ runId, credentialId }) => `  credential ${credentialId}, run ${runId}`).join("\n")}`,
    );
  }
  await writeLine(
    stdout,
    rows === null ? `Everything was moved to ${target} before.` : `Everything was moved to ${target}.`,
  );
  await writeLine(
    stdout,
    `
Next: set TITAN_SYNC_DATABASE_URL to its address, wherever titan-sync runs.
The encryption keys stay where they are: keep ${keyFile}, or set TITAN_SYNC_ENCRYPTION_KEYS.
The embedded database can still be read, but nothing is synced there anymore.`,
  );
}
