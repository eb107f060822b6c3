/** The parts of a driver's result that this package reads. */
export interface PgResultLike {
  readonly rows: readonly unknown[];
  /** The number of rows that were changed or returned; some drivers leave it out. */
  readonly rowCount?: number | null;
}

/** One connection, which belongs to its caller until it is released. */
export interface PgClientLike {
  /**
   * Without `values` the text may contain several statements, and the result may be a list. A `Buffer` among the values
   * is UTF-8 text, to be sent unchanged.
   */
  query(text: string, values?: unknown[]): Promise<PgResultLike | readonly PgResultLike[]>;
  /** If an error is passed, the pool discards the connection. */
  release(error?: Error | boolean): void;
  on?(event: "error", listener: (error: Error) => void): unknown;
  removeListener?(event: "error", listener: (error: Error) => void): unknown;
}

/**
 * The few members of a `pg` pool that this package uses, so that hosts can use their own pool and version of `pg`.
 *
 * @example
 * import { Pool } from "pg";
 * const storage = postgresStorage({ pool: new Pool({ connectionString }) });
 */
export interface PgPoolLike {
  connect(): Promise<PgClientLike>;
  on?(event: "error", listener: (error: Error) => void): unknown;
  removeListener?(event: "error", listener: (error: Error) => void): unknown;
}
