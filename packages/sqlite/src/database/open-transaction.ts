import { SinkError, SinkTimeoutError } from "@titan-sync/core";
import { asRefusal } from "@titan-sync/core/support";
import type { Connection, Statements, Value } from "./connection.js";
import type { SqliteTransaction, SqlResult } from "./sqlite-transaction.js";

/**
 * A transaction while it is open. Whoever still holds it afterwards can do nothing with it: its connection is somebody
 * else's by then.
 */
export class OpenTransaction implements Statements, SqliteTransaction {
  readonly #connection: Connection;
  readonly #whenCommitted: (() => void)[] = [];
  #isOver = false;
  #limitMs = Number.POSITIVE_INFINITY;

  /** Of the file. */
  readonly path: string;

  constructor(connection: Connection, path: string) {
    this.#connection = connection;
    this.path = path;
  }

  /** Calls what must not fail, as soon as the transaction has committed. */
  whenCommitted(call: () => void): void {
    this.#whenCommitted.push(call);
  }

  /** How long others may be waited for within this transaction, in milliseconds. */
  get limitMs(): number {
    return this.#limitMs;
  }

  /** Lowers {@link limitMs}. */
  limitTo(ms: number): void {
    this.#limitMs = Math.min(this.#limitMs, ms);
  }

  run(text: string, ...values: readonly Value[]): number {
    return this.#open().run(text, ...values);
  }

  all<Row extends object>(text: string, ...values: readonly Value[]): readonly Row[] {
    return this.#open().all<Row>(text, ...values);
  }

  get<Row extends object>(text: string, ...values: readonly Value[]): Row | undefined {
    return this.#open().get<Row>(text, ...values);
  }

  /** Runs statements without values and results. */
  execute(text: string): void {
    this.#open().execute(text);
  }

  async query<Row extends object>(text: string, values: readonly unknown[] = []): Promise<SqlResult<Row>> {
    try {
      return this.#open().query(text, values as readonly Value[]) as SqlResult<Row>;
    } catch (error) {
      throw asRefusal(error);
    }
  }

  /** Runs `work` under a savepoint: what it wrote is undone when it fails. Passes its error on, as a sink's. */
  readonly attempt = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    this.#open().execute("SAVEPOINT attempt");
    try {
      const result = await work();
      this.#open().execute("RELEASE attempt");
      return result;
    } catch (error) {
      // An abandoned sink may continue writing: only rolling back the whole transaction undoes that.
      if (!(error instanceof SinkTimeoutError) && !this.#isOver && this.#connection.isInTransaction) {
        this.#connection.execute("ROLLBACK TO attempt; RELEASE attempt");
      }
      throw asRefusal(error);
    }
  };

  commit(): void {
    const connection = this.#open();
    this.#isOver = true;
    connection.execute("COMMIT");
    for (const call of this.#whenCommitted) call();
  }

  rollback(): void {
    this.#isOver = true;
    if (this.#connection.isInTransaction) this.#connection.execute("ROLLBACK");
  }

  #open(): Connection {
    if (!this.#isOver) return this.#connection;
    throw new SinkError("The transaction is over.", {
      retryable: false,
      hint: "Wait for every statement before `writeIn` resolves.",
    });
  }
}
