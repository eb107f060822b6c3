import { setTimeout as delay } from "node:timers/promises";
import { ConfigError } from "@titan-sync/core";
import { Connection, listenFromTheStart } from "./connection.js";
import { isRetryable } from "./database-error.js";
import { quoteIdentifier } from "./identifier.js";
import { OpenTransaction } from "./open-transaction.js";
import type { PgPoolLike } from "./pool.js";
import type { SqlTransaction } from "./sql-transaction.js";
import { type Tables, tablesIn } from "./tables.js";
import { lowerIdleLimit, lowerLimit } from "./time-limits.js";

/** A pool, the schema that our tables are in, and how statements run there. */
export interface Database extends SqlTransaction {
  readonly pool: PgPoolLike;
  /** The schema's name, not quoted. */
  readonly schema: string;
  /** Names as SQL text. */
  readonly tables: Tables;
  /**
   * Runs `work` in one transaction. Rolls back and rethrows what it throws. After a deadlock or a serialization
   * failure `work` runs again, from the beginning.
   * @param options.longestIdleMs - after this long without a statement the server ends the transaction, and frees what it
   * locked. @defaultValue the database's `timeoutMs`
   */
  transaction<Result>(
    work: (transaction: OpenTransaction) => Promise<Result>,
    options?: { readonly longestIdleMs?: number | undefined },
  ): Promise<Result>;
  /** Releases the pool, which stays open. May be called twice. */
  close(): void;
}

export interface DatabaseOptions {
  readonly pool: PgPoolLike;
  /** The schema of our tables. @defaultValue "titan_sync" */
  readonly schema?: string | undefined;
  /**
   * How long to wait for a connection or for a statement's answer, in milliseconds. A connection that is silent for
   * longer is discarded, because the other side may have disappeared. The server in turn ends a transaction that is
   * idle for as long, and releases its locks.
   * @defaultValue 120000
   */
  readonly timeoutMs?: number | undefined;
}

/**
 * How long a process that is suspended, or has disappeared, may hold a lock that others wait for: the limit of
 * transactions in which all processes take turns.
 */
export const longestTurnMs = 10_000;

const attempts = 5;
/** Longest pause before the second attempt, in milliseconds: the other side of a deadlock needs its turn first. */
const pauseMs = 40;

/** @throws `ConfigError` for an unusable schema name or time. */
export function openDatabase(options: DatabaseOptions): Database {
  const { pool, schema = "titan_sync", timeoutMs = 120_000 } = options;
  if (typeof pool?.connect !== "function") {
    throw new ConfigError("pool must be a `pg` pool.");
  }
  if (!Number.isFinite(timeoutMs) || timeoutMs <= 0) {
    throw new ConfigError(`timeoutMs must be more than 0, not ${JSON.stringify(timeoutMs)}.`);
  }
  const tables = tablesIn(quoteIdentifier(schema));
  // A separate function, so that closing does not remove another storage's listener.
  const ignore = (): void => undefined;
  // Without a listener, the pool ends the process when an idle connection breaks.
  pool.on?.("error", ignore);
  const stopListening = listenFromTheStart(pool);

  return {
    pool,
    schema,
    tables,

    async query<Row extends object>(text: string, values?: readonly unknown[]) {
      const connection = await Connection.take(pool, timeoutMs);
      try {
        return await connection.query<Row>(text, values);
      } finally {
        connection.release();
      }
    },

    async transaction(work, { longestIdleMs = timeoutMs } = {}) {
      for (let attempt = 1; ; attempt += 1) {
        const connection = await Connection.take(pool, timeoutMs);
        const transaction = new OpenTransaction(connection, pool);
        try {
          await begin(connection, { timeoutMs, longestIdleMs });
          const result = await work(transaction);
          await transaction.commit();
          return result;
        } catch (error) {
          await transaction.rollback();
          if (attempt === attempts || !isRetryable(error)) throw error;
        } finally {
          connection.release();
        }
        await delay(Math.random() * pauseMs * attempt);
      }
    },

    close() {
      pool.removeListener?.("error", ignore);
      stopListening();
    },
  };
}

const highestLimitMs = 2 ** 31 - 1;
/** The minimum in bytes: with the server's usual 4 MB, a batch would use temporary files. */
const workMemory = 32 * 1024 * 1024;
const raiseWorkMemory = `set_config(
  'work_mem', greatest(pg_size_bytes(current_setting('work_mem')), ${workMemory}) / 1024 || 'kB', true
)`;

async function begin(
  connection: Connection,
  { timeoutMs, longestIdleMs }: { readonly timeoutMs: number; readonly longestIdleMs: number },
): Promise<void> {
  // A client that waits this long has disappeared: the server ends the statement, which releases the
  // transaction's locks.
  // In one message: the transaction takes no extra round trip.
  const limitMs = Math.min(Math.ceil(timeoutMs), highestLimitMs);
  const idleMs = Math.min(Math.ceil(longestIdleMs), limitMs);
  await connection.query(
    `BEGIN; SELECT ${lowerIdleLimit(String(idleMs))},
      ${lowerLimit("statement_timeout", String(limitMs))}, ${raiseWorkMemory}`,
  );
}
