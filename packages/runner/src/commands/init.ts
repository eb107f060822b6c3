import type { Command } from "commander";
import { loadSettings } from "../configuration/load-settings.js";
import { createDataDirectory, dataPaths } from "../database/data-directory.js";
import { loadKeys } from "../database/encryption-keys.js";
import { openDatabase } from "../database/open-database.js";
import { type SetUpReport, setUp } from "../database/set-up.js";
import { countOf } from "../output/format.js";
import { writeLine } from "../output/write.js";
import type { CommandContext, GlobalFlags } from "../program/context.js";
import { type ExitCode, exitCodes } from "../program/exit-codes.js";
import type { Perform } from "../program/register.js";

export function registerInit(program: Command, perform: Perform): void {
  program
    .command("init")
    .description("set up the database and the encryption key; safe to repeat")
    .action(() => perform(runInit));
}

/** Creates what is missing: the data directory, the database with its tables, the key file. */
export async function runInit(context: CommandContext, flags: GlobalFlags): Promise<ExitCode> {
  const settings = await loadSettings(context, flags);
  const say = (text: string): Promise<void> => writeLine(context.stdout, text);
  for (const warning of settings.warnings) await writeLine(context.stderr, `warning: ${warning}`);
  // Unusable keys should be reported before anything is created.
  if (settings.encryptionKeys !== null) await loadKeys(settings);

  if (await createDataDirectory(settings.dataDirectory)) {
    await say(`Created the data directory ${settings.dataDirectory}`);
  }
  const database = await openDatabase(settings, { create: true });
  try {
    const { appliedVersions, keys } = await setUp(settings, database);
    const count = appliedVersions.length;
    const change = count === 0 ? "up to date" : `${countOf(count, "migration")} applied`;
    await say(`Database: ${database.name} (${change})`);
    await say(keyTexts[keys](dataPaths(settings.dataDirectory).keyFile));
  } finally {
    await database.close();
  }
  await say('\nNext: connect a company. "titan-sync credential add --help" says what is needed.');
  return exitCodes.success;
}

const keyTexts: Readonly<Record<SetUpReport["keys"], (keyFile: string) => string>> = {
  configured: () => "Encryption keys: from the configuration",
  found: (keyFile) => `Encryption key: ${keyFile}`,
  created: (keyFile) =>
    `Encryption key: created ${keyFile}\n  Keep a copy in a safe place: without it, saved credentials cannot be decrypted.`,
};
