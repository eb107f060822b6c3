import type { PgClientLike, PgPoolLike } from "@titan-sync/postgres/support";

/** What the server looked at for the statements of a pool. */
export interface BlockCount {
  /** Of 8 KB each, in memory or not. */
  blocks: number;
  /** By statement, in one line, with its blocks. */
  readonly statements: string[];
}

/**
 * A pool that has each statement explained before it runs, and adds up the blocks of tables and indexes that the server
 * looks at. Whatever the explanation does is rolled back.
 */
export function countingBlocks(pool: PgPoolLike, count: BlockCount): PgPoolLike {
  return {
    async connect() {
      const client = await pool.connect();
      let isInTransaction = false;
      return {
        async query(text, values) {
          if (/^\s*(?:SELECT|WITH|INSERT|UPDATE|DELETE)/.test(text)) {
            const blocks = await blocksOf(client, isInTransaction, text, values);
            count.blocks += blocks;
            count.statements.push(`${blocks}: ${text.trim().replaceAll(/\s+/g, " ")}`);
          }
          if (/^\s*BEGIN/.test(text)) isInTransaction = true;
          if (/^\s*(?:COMMIT|ROLLBACK)/.test(text)) isInTransaction = false;
          return await client.query(text, values);
        },
        release: (error) => client.release(error),
        on: (event, listener) => client.on?.(event, listener),
        removeListener: (event, listener) => client.removeListener?.(event, listener),
      };
    },
  };
}

async function blocksOf(
  client: PgClientLike,
  isInTransaction: boolean,
  text: string,
  values: unknown[] | undefined,
): Promise<number> {
  await client.query(isInTransaction ? "SAVEPOINT explained" : "BEGIN");
  const explained = await client.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`, values);
  await client.query(isInTransaction ? "ROLLBACK TO SAVEPOINT explained" : "ROLLBACK");
  const { rows } = explained as { readonly rows: readonly { readonly "QUERY PLAN": readonly Explained[] }[] };
  const plan = rows[0]?.["QUERY PLAN"][0]?.Plan;
  return (plan?.["Shared Hit Blocks"] ?? Number.NaN) + (plan?.["Shared Read Blocks"] ?? Number.NaN);
}

interface Explained {
  readonly Plan: { readonly "Shared Hit Blocks": number; readonly "Shared Read Blocks": number };
}
