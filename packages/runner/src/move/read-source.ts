import type { MoveOut } from "@titan-sync/sqlite";
import type { MovedTable } from "./moved-tables.js";

/** A row with its values as text, as both databases write them. */
export type TextRow = Readonly<Record<string, string | null>>;

/** The values that identify the last row read. */
export type RowKey = readonly string[];

/** A part of a table. */
export interface SourceRows {
  readonly rows: readonly TextRow[];
  /** Of the last row; `null` when there are no more. */
  readonly last: RowKey | null;
}

/** Reads the rows of one table in the order of its key. */
export interface SourceReader {
  /** The columns that PostgreSQL gets, apart from those of links. */
  readonly columns: readonly string[];
  /** @param after - the key of the last row that was read before; `null` for the first part. */
  read(after: RowKey | null): Promise<SourceRows>;
}

/** Rows read at once where a table says nothing else. */
const usualStep = 1000;

/** @param more - columns of SQLite's that are read as well. */
export async function openReader(
  source: Pick<MoveOut, "read">,
  { name, key, added = {}, dropped = [], step = usualStep }: MovedTable,
  more: readonly string[] = [],
): Promise<SourceReader> {
  const own = await source.read<{ name: string }>("SELECT name FROM pragma_table_info(?1)", [name]);
  const kept = own.map((column) => column.name).filter((column) => !dropped.includes(column));
  const columns = [...new Set([...kept, ...Object.keys(added)])];
  const text = (expression: string, as: string): string => `CAST(${expression} AS TEXT) AS ${as}`;
  const list = [
    ...columns.map((column) => text(added[column] ?? `source.${column}`, column)),
    ...more.map((column) => text(`source.${column}`, column)),
    ...key.map((column, index) => text(`source.${column}`, `key_${index}`)),
  ];
  const order = key.map((column) => `source.${column}`).join(", ");
  const behind = `(${order}) > (${key.map((_, index) => `?${index + 1}`).join(", ")})`;
  const select = (where: string): string =>
    `SELECT ${list.join(", ")} FROM ${name} source ${where} ORDER BY ${order} LIMIT ${step}`;
  return {
    columns,
    async read(after) {
      const rows = await (after === null
        ? source.read<TextRow>(select(""))
        : source.read<TextRow>(select(`WHERE ${behind}`), after));
      const last = rows.length < step ? undefined : rows.at(-1);
      return { rows, last: last === undefined ? null : key.map((_, index) => last[`key_${index}`] ?? "") };
    },
  };
}
