/** The result of a statement. Integers beyond 2^53 lose digits: select them as text. */
export interface SqlResult<Row extends object> {
  readonly rows: readonly Row[];
  /** The number of rows that were changed or returned. */
  readonly rowCount: number;
}

/**
 * An open transaction of the storage. A sink on the same database receives it in `writeIn`; its writes commit or roll
 * back together with the storage's rows.
 */
export interface SqliteTransaction {
  /**
   * Runs one statement with `?1` or `?` as its parameters. All other writers to the file wait until the transaction
   * ends, so do not wait for anything slow inside it.
   *
   * @throws `RecordRefusedError` when the database refuses the data, `StorageError` when it fails or refuses the
   * statement, `SinkError` when the transaction is over. A sink does not catch them: its writes are rolled back.
   */
  query<Row extends object = Readonly<Record<string, unknown>>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<SqlResult<Row>>;
}
