/** The result of a statement. The driver decides how it reads column types. */
export interface SqlResult<Row extends object> {
  readonly rows: readonly Row[];
  /** The number of rows that were changed or returned. */
  readonly rowCount: number;
}

/**
 * An open transaction of the storage. A sink on the same database receives it in `writeIn`; its writes commit or roll
 * back together with the storage's rows.
 */
export interface SqlTransaction {
  /**
   * @throws `RecordRefusedError` when the database refuses the data (SQLSTATE class 22 or 23), `StorageError` when it
   * fails or refuses the statement, `SinkError` when the transaction is over. A sink does not catch them: its writes
   * are rolled back.
   */
  query<Row extends object = Readonly<Record<string, unknown>>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<SqlResult<Row>>;
}

/** Whether the transaction that a sink received is one of this package. */
export function isSqlTransaction(value: unknown): value is SqlTransaction {
  return typeof value === "object" && value !== null && "query" in value && typeof value.query === "function";
}
