/** What a statement gave. Column types are as the driver reads them. */
export interface SqlResult<Row extends object> {
  readonly rows: readonly Row[];
  /** Rows changed, or returned. */
  readonly rowCount: number;
}

/**
 * An open transaction of the storage. A sink on the same database gets it in `writeIn`, and what it writes
 * through it commits or rolls back with the storage's own rows.
 */
export interface SqlTransaction {
  /**
   * @throws `RecordRefusedError` when the database refuses the data (SQLSTATE class 22 or 23), `StorageError` when it
   * fails or refuses the statement, `SinkError` when the transaction is over. A sink lets them pass: what it wrote
   * is undone.
   */
  query<Row extends object = Readonly<Record<string, unknown>>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<SqlResult<Row>>;
}

/** Whether a sink was handed a transaction of this package. */
export function isSqlTransaction(value: unknown): value is SqlTransaction {
  return typeof value === "object" && value !== null && "query" in value && typeof value.query === "function";
}
