import { ConfigError } from "@titan-sync/core";
import type { OpenDatabase } from "./open-database.js";

/** @throws {@link ConfigError} when the database is older than this program needs, or newer than it works with. */
export async function requireCurrentSchema(database: Pick<OpenDatabase, "migrationStatus">): Promise<void> {
  const { current, latest, isNewerThanProgram, isUsable } = await database.migrationStatus();
  if (isUsable) return;
  if (isNewerThanProgram) {
    throw new ConfigError(
      `The database is newer than this program: it is at version ${current}, which does not work with programs of version ${latest} such as this one.`,
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
