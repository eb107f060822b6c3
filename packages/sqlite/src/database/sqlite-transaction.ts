/** What a statement gave. Whole numbers beyond 2^53 do not fit: select them as text. */
export interface SqlResult<Row extends object> {
  readonly rows: readonly Row[];
  /** Rows changed, or returned. */
  readonly rowCount: number;
}

/**
 * An open transaction of the storage. A sink on the same database gets it in `writeIn`, and what it writes through it
 * commits or rolls back with the storage's own rows.
 */
export interface SqliteTransaction {
  /**
   * Runs one statement; `?1` or `?` stand for the values. Everybody who writes to the file waits until the transaction
   * ends: await nothing else in it that takes time.
   *
   * @throws `RecordRefusedError` when the database refuses the data, `StorageError` when it fails or refuses the
   * statement, `SinkError` when the transaction is over. A sink lets them pass: what it wrote is undone.
   */
  query<Row extends object = Readonly<Record<string, unknown>>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<SqlResult<Row>>;
}
