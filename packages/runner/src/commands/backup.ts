import { resolve } from "node:path";
import { ConfigError } from "@titan-sync/core";
import type { Command } from "commander";
import { loadSettings } from "../configuration/load-settings.js";
import { dataPaths } from "../database/data-directory.js";
import { formatBytes } from "../output/format.js";
import { writeJson, writeLine } from "../output/write.js";
import type { CommandContext, GlobalFlags } from "../program/context.js";
import { type ExitCode, exitCodes } from "../program/exit-codes.js";
import type { Perform } from "../program/register.js";

interface BackupFlags {
  readonly out: string;
  readonly overwrite?: boolean | undefined;
  readonly json?: boolean | undefined;
}

export function registerBackup(program: Command, perform: Perform): void {
  program
    .command("backup")
    .description("copy the embedded database into a file, while other commands go on")
    .requiredOption("--out <file>", "the file to write; appears when it is complete")
    .option("--overwrite", "replace the file if it exists")
    .option("--json", "print one JSON document")
    .action((flags: BackupFlags) => perform((context, globals) => runBackup(context, globals, flags)));
}

/** Copies the database as it is at one moment, and says how to restore the copy. */
export async function runBackup(
  context: CommandContext,
  globals: GlobalFlags,
  flags: BackupFlags,
): Promise<ExitCode> {
  const settings = await loadSettings(context, globals);
  const to = resolve(context.workingDirectory, flags.out);
  if (settings.databaseUrl !== null) {
    throw new ConfigError("Only the embedded database is backed up by this command.", {
      hint:
        "PostgreSQL has its own tool, which works while syncs run: " +
        `pg_dump --format=custom --schema=titan_sync --schema=titan_sync_jobs --file="${to}" "$TITAN_SYNC_DATABASE_URL"`,
    });
  }
  // With PostgreSQL, other commands need neither.
  const [{ backUp }, { openEmbedded }] = await Promise.all([
    import("@titan-sync/sqlite"),
    import("../database/open-embedded.js"),
  ]);
  const { database, keyFile } = dataPaths(settings.dataDirectory);
  const open = await openEmbedded(settings.dataDirectory, false);
  try {
    const options = { database: open.file, to, overwrite: flags.overwrite, signal: context.signal };
    const bytes = await backUp(options);
    if (flags.json === true) await writeJson(context.stdout, { file: to, bytes });
    else await writeLine(context.stdout, restoreText(to, bytes, database, keyFile));
    return exitCodes.success;
  } finally {
    await open.close();
  }
}

function restoreText(to: string, bytes: number, database: string, keyFile: string): string {
  return `${formatBytes(bytes)} written to ${to}

To restore it, stop every titan-sync process on the data directory, then:
  rm -f ${quote(`${database}-wal`)} ${quote(`${database}-shm`)}
  cp ${quote(to)} ${quote(database)} && chmod 600 ${quote(database)}
The next sync continues from the state of this backup.
The encryption keys are not in it. Keep a copy of ${keyFile} in another place.`;
}

/** For a shell. */
function quote(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
