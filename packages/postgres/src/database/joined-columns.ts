import { StorageError } from "@titan-sync/core";

/** Rows as one parameter for each column, and the SQL that makes arrays of them. */
export interface JoinedColumns {
  /** In the order of the columns. */
  readonly values: readonly string[];
  /**
   * An array of a column's values, in the order of the rows.
   * @param parameter - The column's, for instance `$6`.
   * @param type - Of an element, as SQL text.
   */
  arrayOf(parameter: string, type: string): string;
}

type Value = string | number | null;

const usualMarks = ["\u001f", "\u001e"] as const;

/**
 * Joins the values of each column into one text, for `unnest`. PostgreSQL splits texts several times as fast as it
 * reads JSON or the array that a driver writes, and so does joining compare with making them.
 *
 * @param rows - Each has a value for each column.
 * @throws `StorageError` when the texts hold nearly all control characters that there are.
 */
export function joinColumns(rows: readonly (readonly Value[])[], columns: number): JoinedColumns {
  const [separator, nothing] = unusedMarks(rows);
  const values = Array.from({ length: columns }, (_none, column) => {
    // An empty text would count as no element: so an extra one is prepended, and skipped again.
    const texts = rows.map((row) => row[column] ?? nothing);
    return ["", ...texts].join(separator);
  });
  const code = (mark: string): string => `chr(${mark.charCodeAt(0)})`;
  return {
    values,
    arrayOf: (parameter, type) =>
      `(string_to_array(${parameter}::text, ${code(separator)}, ${code(nothing)}))[2:]::${type}[]`,
  };
}

function unusedMarks(rows: readonly (readonly Value[])[]): readonly [separator: string, nothing: string] {
  const isUsed = (mark: string): boolean =>
    rows.some((row) => row.some((value) => typeof value === "string" && value.includes(mark)));
  const others = Array.from({ length: 29 }, (_none, index) => String.fromCharCode(29 - index));
  const unused: string[] = [];
  for (const mark of [...usualMarks, ...others]) {
    if (!isUsed(mark)) unused.push(mark);
    const [separator, nothing] = unused;
    if (separator !== undefined && nothing !== undefined) return [separator, nothing];
  }
  throw new StorageError(
    "The texts of a batch hold so many control characters that none is left to part them.",
  );
}
