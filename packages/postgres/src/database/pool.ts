/** What of a driver's answer is read. */
export interface PgResultLike {
  readonly rows: readonly unknown[];
  /** Rows changed or returned; some drivers leave it out. */
  readonly rowCount?: number | null;
}

/** One connection, held by whoever took it until it is released. */
export interface PgClientLike {
  /**
   * Without `values` the text may hold several statements; there may be an answer to each then. A `Buffer` among the
   * values is a text in UTF-8, to be sent as it is.
   */
  query(text: string, values?: unknown[]): Promise<PgResultLike | readonly PgResultLike[]>;
  /** With an error, the connection is thrown away. */
  release(error?: Error | boolean): void;
  on?(event: "error", listener: (error: Error) => void): unknown;
  removeListener?(event: "error", listener: (error: Error) => void): unknown;
}

/**
 * The few members of a `pg` pool that this package uses, so that hosts bring their own pool and version of `pg`.
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
