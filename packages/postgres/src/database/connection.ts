import { toStorageError } from "./database-error.js";
import { answerInTime, DatabaseSilentError } from "./deadline.js";
import type { PgClientLike, PgPoolLike, PgResultLike } from "./pool.js";
import type { SqlResult, SqlTransaction } from "./sql-transaction.js";

const ignore = (): void => undefined;

/** What `pg` pools and their clients offer in addition to {@link PgPoolLike}. */
interface TellingPool {
  on?(event: "acquire", listener: (client: TellingClient) => void): unknown;
  removeListener?(event: "acquire", listener: (client: TellingClient) => void): unknown;
}

interface TellingClient {
  on(event: "error", listener: () => void): unknown;
  listeners(event: "error"): readonly unknown[];
}

/**
 * Listens to each connection from before it is handed out. A pool stops listening itself at that moment, and who
 * waits for the connection has it a moment later: one that breaks in between would take the process down.
 *
 * @returns ends it for connections that are yet to be handed out.
 */
export function listenFromTheStart(pool: PgPoolLike): () => void {
  const { on, removeListener } = pool as unknown as TellingPool;
  const listen = (client: TellingClient): void => {
    if (!client.listeners("error").includes(ignore)) client.on("error", ignore);
  };
  on?.call(pool, "acquire", listen);
  return () => void removeListener?.call(pool, "acquire", listen);
}

/** One connection out of a pool, that waits for nothing longer than it should. */
export class Connection implements SqlTransaction {
  readonly #client: PgClientLike;
  readonly #timeoutMs: number;
  #broken: Error | null = null;

  private constructor(client: PgClientLike, timeoutMs: number) {
    this.#client = client;
    this.#timeoutMs = timeoutMs;
    // Otherwise a connection that breaks between two statements would end the process.
    client.on?.("error", ignore);
  }

  /** @throws `StorageError` when none is available. */
  static async take(pool: PgPoolLike, timeoutMs: number): Promise<Connection> {
    const connecting = pool.connect();
    try {
      return new Connection(await answerInTime(connecting, timeoutMs), timeoutMs);
    } catch (error) {
      // A connection that arrives too late is released.
      if (error instanceof DatabaseSilentError) connecting.then((client) => client.release()).catch(ignore);
      throw toStorageError(error);
    }
  }

  async query<Row extends object>(text: string, values?: readonly unknown[]): Promise<SqlResult<Row>> {
    const { rows, rowCount } = lastOf(await this.#answer(text, values));
    return { rows: rows as readonly Row[], rowCount: rowCount ?? rows.length };
  }

  /** The rows of all statements of the text, in their order. */
  async queryAll(text: string, values?: readonly unknown[]): Promise<readonly unknown[]> {
    const answer = await this.#answer(text, values);
    return Array.isArray(answer) ? answer.flatMap(({ rows }) => rows ?? []) : (answer as PgResultLike).rows;
  }

  async #answer(
    text: string,
    values: readonly unknown[] | undefined,
  ): Promise<PgResultLike | readonly PgResultLike[]> {
    if (this.#broken !== null) throw this.#broken;
    try {
      const answer = values === undefined ? this.#client.query(text) : this.#client.query(text, [...values]);
      return await answerInTime(answer, this.#timeoutMs);
    } catch (error) {
      if (error instanceof DatabaseSilentError) this.#broken = error;
      throw toStorageError(error);
    }
  }

  /** Leaves the transaction. A connection that cannot even do that is discarded. */
  async rollback(): Promise<void> {
    try {
      await this.query("ROLLBACK");
    } catch (error) {
      this.#broken ??= error instanceof Error ? error : new Error("ROLLBACK failed");
    }
  }

  /** Discards the connection when it is released. */
  discard(): void {
    this.#broken ??= new Error("A statement was not awaited.");
  }

  /** Releases the connection. */
  release(): void {
    if (this.#broken === null) {
      this.#client.removeListener?.("error", ignore);
      this.#client.release();
    } else {
      // It may still emit errors while it is being closed: the listener stays.
      this.#client.release(this.#broken);
    }
  }
}

/** For several statements drivers return several results. */
function lastOf(answer: PgResultLike | readonly PgResultLike[]): PgResultLike {
  return Array.isArray(answer) ? (answer.at(-1) ?? { rows: [] }) : (answer as PgResultLike);
}
