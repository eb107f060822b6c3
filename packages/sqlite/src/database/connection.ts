import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { toStorageError } from "./sqlite-error.js";

/** What a parameter may be. */
export type Value = string | number | bigint | boolean | null;

/** Statements as a connection runs them: at once. */
export interface Statements {
  /** @returns how many rows were changed. */
  run(text: string, ...values: readonly Value[]): number;
  all<Row extends object>(text: string, ...values: readonly Value[]): readonly Row[];
  get<Row extends object>(text: string, ...values: readonly Value[]): Row | undefined;
}

/** One connection to the file. What it prepares it keeps. */
export class Connection implements Statements {
  readonly #database: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Whether a transaction is open: SQLite ends one by itself when the disk is full. */
  get isInTransaction(): boolean {
    return this.#database.isTransaction;
  }

  run(text: string, ...values: readonly Value[]): number {
    return this.#do(() => Number(this.#prepare(text).run(...values.map(toInput)).changes));
  }

  all<Row extends object>(text: string, ...values: readonly Value[]): readonly Row[] {
    return this.#do(() =>
      this.#prepare(text)
        .all(...values.map(toInput))
        .map((row) => ({ ...row }) as Row),
    );
  }

  get<Row extends object>(text: string, ...values: readonly Value[]): Row | undefined {
    return this.#do(() => {
      const row = this.#prepare(text).get(...values.map(toInput));
      return row === undefined ? undefined : ({ ...row } as Row);
    });
  }

  /** Rows of a statement of which nobody knows whether it gives any, and how many it changed or gave. */
  query(
    text: string,
    values: readonly Value[],
  ): { readonly rows: readonly object[]; readonly rowCount: number } {
    return this.#do(() => {
      const statement = this.#prepare(text);
      if (statement.columns().length === 0) {
        return { rows: [], rowCount: Number(statement.run(...values.map(toInput)).changes) };
      }
      const rows = statement.all(...values.map(toInput)).map((row) => ({ ...row }));
      return { rows, rowCount: rows.length };
    });
  }

  /** Runs statements that take no values and give no rows. */
  execute(text: string): void {
    this.#do(() => this.#database.exec(text));
  }

  close(): void {
    this.#prepared.clear();
    this.#do(() => this.#database.close());
  }

  #prepare(text: string): StatementSync {
    const known = this.#prepared.get(text);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(text);
    this.#prepared.set(text, statement);
    return statement;
  }

  #do<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      throw toStorageError(error);
    }
  }
}

/** SQLite has no truth values of its own. */
function toInput(value: Value): SQLInputValue {
  return typeof value === "boolean" ? Number(value) : value;
}
