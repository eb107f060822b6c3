import type { OpenDatabase } from "../../database/open-database.js";
import { countOf } from "../../output/format.js";
import { type Finding, good, problem, warning } from "./finding.js";
import { problemOf } from "./problem-of.js";

const about = { check: "database" } as const;

/** The database's version and the tables' one. */
export async function checkDatabase(database: OpenDatabase): Promise<readonly Finding[]> {
  const { product, remedy } = await database.describeServer();
  const server =
    remedy === null
      ? good(about, `The database is reachable: ${database.name} (${product}).`)
      : problem(about, `The database ${database.name} is ${product}.`, remedy);
  return [server, await checkMigrations(database)];
}

/** Whether the tables match this program. */
async function checkMigrations(database: OpenDatabase): Promise<Finding> {
  try {
    const { current, latest, isNewerThanProgram, isUsable, pending } = await database.migrationStatus();
    if (isNewerThanProgram && isUsable) {
      return warning(
        about,
        `The tables are at version ${current}: this program of version ${latest} works with them, and not with the next version.`,
        "Install the version of titan-sync that migrated them, or a later one.",
      );
    }
    if (isNewerThanProgram) {
      return problem(
        about,
        `The tables are at version ${current}, which does not work with programs of version ${latest} such as this one.`,
        "Install the version of titan-sync that migrated them, or a later one.",
      );
    }
    if (current === 0) return problem(about, "The tables do not exist yet.", 'Run "titan-sync init".');
    if (pending.length > 0) {
      const count = countOf(pending.length, "migration");
      return problem(about, `The tables need ${count}.`, 'Run "titan-sync migrate up".');
    }
    return good(about, `The tables are up to date (version ${current}).`);
  } catch (error) {
    return problemOf(about, error);
  }
}
