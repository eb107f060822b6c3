import { SinkError, SinkTimeoutError } from "@titan-sync/core";
import { asRefusal } from "@titan-sync/core/support";
import type { Connection } from "./connection.js";
import type { PgPoolLike } from "./pool.js";
import type { SqlResult, SqlTransaction } from "./sql-transaction.js";

/**
 * A transaction while it is open. Whoever still holds it afterwards can do nothing with it: its connection may be
 * somebody else's by then.
 */
export class OpenTransaction implements SqlTransaction {
  readonly #connection: Connection;
  readonly #whenCommitted: (() => void)[] = [];
  readonly #underWay = new Set<Promise<unknown>>();
  #hasFailed = false;
  #isOver = false;

  /** Whose connection it is on. */
  readonly pool: PgPoolLike;

  constructor(connection: Connection, pool: PgPoolLike) {
    this.#connection = connection;
    this.pool = pool;
  }

  /** Calls what must not fail, as soon as the transaction has committed. */
  whenCommitted(call: () => void): void {
    this.#whenCommitted.push(call);
  }

  /** @throws `SinkError` when the transaction is over. */
  readonly query = async <Row extends object>(
    text: string,
    values?: readonly unknown[],
  ): Promise<SqlResult<Row>> => {
    if (this.#isOver) {
      throw new SinkError("The transaction is over.", {
        retryable: false,
        hint: "Wait for every statement before `writeIn` resolves.",
      });
    }
    const answer = this.#connection.query<Row>(text, values);
    this.#underWay.add(answer);
    try {
      return await answer;
    } catch (error) {
      this.#hasFailed = true;
      throw error;
    } finally {
      this.#underWay.delete(answer);
    }
  };

  /** Runs `work` under a savepoint: what it wrote is undone when it fails. Passes its error on, as a sink's. */
  readonly attempt = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    await this.query("SAVEPOINT attempt");
    try {
      const result = await work();
      // A violation of a deferred constraint would only be reported by COMMIT, when it is too late.
      await this.query("SET CONSTRAINTS ALL IMMEDIATE; RELEASE SAVEPOINT attempt");
      return result;
    } catch (error) {
      // An abandoned sink may still be running a statement, for which this one would have to wait.
      if (error instanceof SinkTimeoutError) throw error;
      await this.query("ROLLBACK TO SAVEPOINT attempt; RELEASE SAVEPOINT attempt").catch(() => undefined);
      throw asRefusal(error);
    }
  };

  /** Commits, after statements still in progress. */
  async commit(): Promise<void> {
    await Promise.allSettled(this.#underWay);
    this.#isOver = true;
    // COMMIT of a broken transaction silently rolls back: a statement reveals it, in case an error was
    // hidden.
    if (this.#hasFailed) await this.#connection.query("SELECT");
    await this.#connection.query("COMMIT");
    for (const call of this.#whenCommitted) call();
  }

  /** Rolls back. A connection with a statement in progress is discarded instead of waiting for it. */
  async rollback(): Promise<void> {
    this.#isOver = true;
    if (this.#underWay.size > 0) this.#connection.discard();
    else await this.#connection.rollback();
  }
}
