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
   * @throws `StorageError` when the database fails or refuses. The transaction can only be rolled back
   * then, unless the statement was inside a savepoint.
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
