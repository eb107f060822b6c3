import { migrationStatus, type PgPoolLike } from "@titan-sync/postgres";
import { z } from "zod";
import { countOf } from "../../output/format.js";
import { type Finding, good, problem } from "./finding.js";
import { problemOf } from "./problem-of.js";

const minMajor = 14;
const about = { check: "database" } as const;

/** The server's version and the tables' one. */
export async function checkDatabase(pool: PgPoolLike, name: string): Promise<readonly Finding[]> {
  const version = await serverVersion(pool);
  const server =
    Number.parseInt(version, 10) >= minMajor
      ? good(about, `The database answers: ${name}, version ${version}.`)
      : problem(
          about,
          `The database ${name} has version ${version}.`,
          `Bring it to PostgreSQL ${minMajor} or newer.`,
        );
  return [server, await checkMigrations(pool)];
}

/** Whether the tables are those that this program works with. */
async function checkMigrations(pool: PgPoolLike): Promise<Finding> {
  try {
    const { current, latest, isNewerThanProgram, pending } = await migrationStatus({ pool });
    if (isNewerThanProgram) {
      return problem(
        about,
        `The tables are at version ${current}; this program knows ${latest}.`,
        "Install the version of titan-sync that brought them there, or a later one.",
      );
    }
    if (current === 0) return problem(about, "There are no tables yet.", 'Run "titan-sync init".');
    if (pending.length > 0) {
      const count = countOf(pending.length, "migration");
      return problem(about, `The tables lack ${count}.`, 'Run "titan-sync migrate up".');
    }
    return good(about, `The tables are up to date (version ${current}).`);
  } catch (error) {
    return problemOf(about, error);
  }
}

async function serverVersion(pool: PgPoolLike): Promise<string> {
  const client = await pool.connect();
  try {
    const { rows } = versionSchema.parse(await client.query("SHOW server_version"));
    return rows[0].server_version;
  } finally {
    client.release();
  }
}

const versionSchema = z.object({ rows: z.tuple([z.object({ server_version: z.string() })]) });
