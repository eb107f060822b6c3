import { ConfigError } from "@titan-sync/core";
import type { OpenDatabase } from "./open-database.js";

/** @throws {@link ConfigError} when the database is older than this program needs, or newer than it knows. */
export async function requireCurrentSchema(database: Pick<OpenDatabase, "migrationStatus">): Promise<void> {
  const { current, latest, isNewerThanProgram } = await database.migrationStatus();
  if (isNewerThanProgram) {
    throw new ConfigError(
      `The database is newer than this program: it is at version ${current}, but the program only supports up to version ${latest}.`,
      { hint: "Install the version of titan-sync that migrated it, or a later one." },
    );
  }
  if (current === 0) {
    throw new ConfigError("The database is not set up yet.", { hint: 'Run "titan-sync init".' });
  }
  if (current < latest) {
    throw new ConfigError(`The database is at version ${current}; this program needs ${latest}.`, {
      hint: 'Run "titan-sync migrate up".',
    });
  }
}
