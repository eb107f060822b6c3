import { setImmediate as nextTurn } from "node:timers/promises";
import type { PgClientLike, PgPoolLike, PgResultLike } from "./database/pool.js";

/** What PGlite answers. */
export interface PgliteResults {
  readonly rows: readonly unknown[];
  readonly affectedRows?: number;
}

interface PgliteQueryable {
  query(text: string, values?: unknown[]): Promise<PgliteResults>;
  exec(text: string): Promise<readonly PgliteResults[]>;
}

/** The few members of a PGlite that this package uses. */
export interface PgliteLike extends PgliteQueryable {
  transaction<Result>(work: (transaction: PgliteTransactionLike) => Promise<Result>): Promise<Result>;
}

export interface PgliteTransactionLike extends PgliteQueryable {
  rollback(): Promise<void>;
}

/**
 * A PGlite as a pool of one connection: transactions, and whatever else uses the same PGlite, go one after
 * the other. Closing the PGlite stays with its owner.
 *
 * Never wait for the storage inside one of its own transactions: there is no second connection to answer.
 *
 * @example
 * const storage = postgresStorage({ pool: pglitePool(new PGlite(directory)) });
 */
export function pglitePool(pglite: PgliteLike): PgPoolLike {
  return {
    async connect() {
      // PGlite computes in this thread and answers without a turn of the event loop: work that waits for it alone
      // would let no timer, no heartbeat and no signal through.
      await nextTurn();
      return pgliteClient(pglite);
    },
  };
}

/** A transaction that PGlite holds open until it is told how it ends. */
interface OpenTransaction {
  readonly statements: PgliteTransactionLike;
  end(how: "commit" | "rollback"): Promise<void>;
}

function pgliteClient(pglite: PgliteLike): PgClientLike {
  let open: OpenTransaction | null = null;

  async function end(how: "commit" | "rollback"): Promise<PgResultLike> {
    const ending = open;
    open = null;
    await ending?.end(how);
    return { rows: [] };
  }

  return {
    async query(text, values) {
      // PGlite keeps other users out of a transaction only if it opens the transaction itself.
      // What else such a text sets is for servers: for connections that can break, and for room beside others.
      if (text.startsWith("BEGIN")) {
        open = await openTransaction(pglite);
        return { rows: [] };
      }
      if (text === "COMMIT") return await end("commit");
      if (text === "ROLLBACK") return await end("rollback");
      return await runStatement(open?.statements ?? pglite, text, values);
    },

    release() {
      // Held open by nobody, it would keep everybody else out for ever.
      void end("rollback").catch(() => undefined);
    },
  };
}

async function openTransaction(pglite: PgliteLike): Promise<OpenTransaction> {
  const opened = Promise.withResolvers<PgliteTransactionLike>();
  const told = Promise.withResolvers<"commit" | "rollback">();
  const ended = pglite.transaction(async (statements) => {
    opened.resolve(statements);
    if ((await told.promise) === "rollback") await statements.rollback();
  });
  ended.catch(opened.reject);
  return {
    statements: await opened.promise,
    async end(how) {
      told.resolve(how);
      await ended;
    },
  };
}

/** PGlite takes texts as strings only. */
function decode(value: unknown): unknown {
  return Buffer.isBuffer(value) ? value.toString() : value;
}

async function runStatement(
  queryable: PgliteQueryable,
  text: string,
  values: unknown[] | undefined,
): Promise<PgResultLike> {
  // Only `exec` takes several statements, only `query` takes values.
  const result =
    values === undefined
      ? (await queryable.exec(text)).at(-1)
      : await queryable.query(text, values.map(decode));
  const rows = result?.rows ?? [];
  return { rows, rowCount: Math.max(result?.affectedRows ?? 0, rows.length) };
}
