import type { Command } from "commander";
import { loadSettings } from "../configuration/load-settings.js";
import { type OpenDatabase, openDatabase } from "../database/open-database.js";
import { countOf } from "../output/format.js";
import { writeLine } from "../output/write.js";
import type { CommandContext, GlobalFlags } from "../program/context.js";
import { type ExitCode, exitCodes } from "../program/exit-codes.js";
import type { Perform } from "../program/register.js";

export function registerMigrate(program: Command, perform: Perform): void {
  const command = program.command("migrate").description("migrate the database's tables to another version");
  command
    .command("up")
    .description("apply all pending migrations")
    .action(() => perform((context, flags) => runMigrate(context, flags, up)));
  command
    .command("down")
    .description("revert the latest migration, and delete the data that only it holds")
    .action(() => perform((context, flags) => runMigrate(context, flags, down)));
  command
    .command("status")
    .description("show which migrations are applied")
    .action(() => perform((context, flags) => runMigrate(context, flags, status)));
}

type Step = (database: OpenDatabase) => Promise<string>;

/** Opens the configured database, does one thing to its migrations, and says what. */
export async function runMigrate(context: CommandContext, flags: GlobalFlags, step: Step): Promise<ExitCode> {
  const settings = await loadSettings(context, flags);
  const database = await openDatabase(settings, { create: false });
  try {
    await writeLine(context.stdout, await step(database));
    return exitCodes.success;
  } finally {
    await database.close();
  }
}

const up: Step = async (database) => {
  const applied = await database.migrate({ direction: "up" });
  return applied.length === 0 ? "Up to date." : `${countOf(applied.length, "migration")} applied.`;
};

const down: Step = async (database) => {
  const { current } = await database.migrationStatus();
  if (current === 0) return "Nothing to revert.";
  await database.migrate({ direction: "down", to: current - 1 });
  return `Version ${current} reverted; data that only that version held is deleted.`;
};

const status: Step = async (database) => {
  const { current, latest, pending, isNewerThanProgram, isUsable } = await database.migrationStatus();
  const lines = [`database  version ${current}`, `program   version ${latest}`];
  for (const { version, name } of pending) lines.push(`pending   ${version} ${name}`);
  if (isNewerThanProgram && isUsable)
    lines.push("The database is newer than this program, and works with it.");
  else if (isNewerThanProgram)
    lines.push("The database is newer than this program: do not use them together.");
  return lines.join("\n");
};
