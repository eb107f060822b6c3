import { ConfigError } from "@titan-sync/core";

/** pg-boss makes names out of it, and PostgreSQL has none that are longer than 63 bytes. */
const schemaPattern = /^[a-z_][a-z0-9_]{0,39}$/;

export const defaultJobsSchema = "titan_sync_jobs";

/** The names of what the queue reads and writes besides pg-boss, as SQL text. */
export interface JobTables {
  /** Of pg-boss and of our tables beside it. */
  readonly schema: string;
  readonly jobs: string;
  readonly turns: string;
  /** Numbers jobs: no two that exist have the same. */
  readonly numbers: string;
  /** Gives places, turns and claims numbers that grow. */
  readonly places: string;
}

/** @throws {@link ConfigError} for a schema that pg-boss cannot use. */
export function jobTablesIn(schema: string): JobTables {
  if (!schemaPattern.test(schema)) {
    throw new ConfigError(
      `jobsSchema must be 1 to 40 lower-case letters, digits and underscores, not ${JSON.stringify(schema)}.`,
    );
  }
  return {
    schema,
    jobs: `${schema}.sync_jobs`,
    turns: `${schema}.sync_turns`,
    numbers: `${schema}.sync_job_numbers`,
    places: `${schema}.sync_places`,
  };
}
