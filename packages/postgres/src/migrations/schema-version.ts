import { latestOf, type Migration, requireUsableSchema, type SchemaVersion } from "@titan-sync/core/support";
import type { Database } from "../database/database.js";
import type { SqlTransaction } from "../database/sql-transaction.js";

/** The versions of a schema of ours that a program works with. */
export interface KnownSchema {
  /** The newest. */
  readonly latest: number;
  /** @throws `ConfigError` unless the program works with the schema as it is now, or when it has no tables. */
  check(): Promise<void>;
  /** {@link KnownSchema.check} in a transaction, which costs one statement: the tables must be there. */
  require(transaction: SqlTransaction): Promise<void>;
}

export function knownSchema(
  { query, tables }: Pick<Database, "query"> & InSchema,
  known: readonly Migration[],
  what: string,
  hint?: string,
): KnownSchema {
  return {
    latest: latestOf(known),
    async check() {
      requireUsableSchema(await findVersion({ query }, { tables }), known, what, hint);
    },
    async require(transaction) {
      requireUsableSchema(await readVersion(transaction, { tables }), known, what, hint);
    },
  };
}

/** Where the migrations of a schema are listed. */
export interface InSchema {
  /** The schema's name as SQL text. */
  readonly tables: { readonly schema: string };
}

const none: SchemaVersion = { current: 0, worksWithPrevious: false };

/** The version of a schema that may have none of our tables. */
export async function findVersion(transaction: SqlTransaction, database: InSchema): Promise<SchemaVersion> {
  const { rows } = await transaction.query<{ found: boolean }>(
    "SELECT to_regclass($1) IS NOT NULL AS found",
    [historyIn(database)],
  );
  return rows[0]?.found === true ? await readVersion(transaction, database) : none;
}

export async function readVersion(transaction: SqlTransaction, database: InSchema): Promise<SchemaVersion> {
  const { rows } = await transaction.query<SchemaVersion>(
    `SELECT version AS current, works_with_previous AS "worksWithPrevious" FROM ${historyIn(database)}
    ORDER BY version DESC LIMIT 1`,
  );
  return rows[0] ?? none;
}

/** The table of the applied migrations. */
export const historyIn = ({ tables }: InSchema): string => `${tables.schema}.migrations`;
