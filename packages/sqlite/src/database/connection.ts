import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { withoutNumbers } from "./parameters.js";
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

interface Prepared {
  readonly statement: StatementSync;
  /** The values as its parameters take them. */
  inputs(values: readonly Value[]): SQLInputValue[];
}

/** One connection to the file. What it prepares it keeps. */
export class Connection implements Statements {
  readonly #database: DatabaseSync;
  readonly #prepared = new Map<string, Prepared>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Whether a transaction is open: SQLite ends one on its own when the disk is full. */
  get isInTransaction(): boolean {
    return this.#database.isTransaction;
  }

  run(text: string, ...values: readonly Value[]): number {
    return this.#do(() => {
      const { statement, inputs } = this.#prepare(text);
      return Number(statement.run(...inputs(values)).changes);
    });
  }

  all<Row extends object>(text: string, ...values: readonly Value[]): readonly Row[] {
    return this.#do(() => {
      const { statement, inputs } = this.#prepare(text);
      return statement.all(...inputs(values)).map((row) => ({ ...row }) as Row);
    });
  }

  get<Row extends object>(text: string, ...values: readonly Value[]): Row | undefined {
    return this.#do(() => {
      const { statement, inputs } = this.#prepare(text);
      const row = statement.get(...inputs(values));
      return row === undefined ? undefined : ({ ...row } as Row);
    });
  }

  /** The rows of a statement that may or may not return any, and how many it changed or returned. */
  query(
    text: string,
    values: readonly Value[],
  ): { readonly rows: readonly object[]; readonly rowCount: number } {
    return this.#do(() => {
      const { statement, inputs } = this.#prepare(text);
      if (statement.columns().length === 0) {
        return { rows: [], rowCount: Number(statement.run(...inputs(values)).changes) };
      }
      const rows = statement.all(...inputs(values)).map((row) => ({ ...row }));
      return { rows, rowCount: rows.length };
    });
  }

  /** Runs statements without values and results. */
  execute(text: string): void {
    this.#do(() => this.#database.exec(text));
  }

  close(): void {
    this.#prepared.clear();
    this.#do(() => this.#database.close());
  }

  #prepare(text: string): Prepared {
    const known = this.#prepared.get(text);
    if (known !== undefined) return known;
    const { text: plain, order } = withoutNumbers(text);
    const wanted = Math.max(-1, ...order) + 1;
    const prepared: Prepared = {
      statement: this.#database.prepare(plain),
      inputs(values) {
        if (values.length === wanted) return order.map((index) => toInput(values[index] ?? null));
        throw new RangeError(`The statement takes ${wanted} values, not ${values.length}.`);
      },
    };
    this.#prepared.set(text, prepared);
    return prepared;
  }

  #do<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      throw toStorageError(error);
    }
  }
}

/** SQLite has no Boolean type. */
function toInput(value: Value): SQLInputValue {
  return typeof value === "boolean" ? Number(value) : value;
}
