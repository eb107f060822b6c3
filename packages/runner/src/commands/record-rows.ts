import { type ExportedRecord, type RecordType, recordColumns } from "@titan-sync/core";
import { stringify } from "csv-stringify/sync";

/** How records are written. */
export interface RowFormat {
  /** The first line, with its end; `null` for none. */
  readonly header: string | null;
  /** Lines, with their ends. */
  rows(records: readonly ExportedRecord[]): string;
}

export type RowFormatName = "csv" | "jsonl";

/** The host's columns in its table's order, then the identity in ServiceTitan. */
const columnsOf = (record: RecordType): readonly string[] => [...recordColumns[record], "source_id"];

/** Formats records of one type as CSV (RFC 4180) or as one JSON object a line. */
export function rowFormat(name: RowFormatName, record: RecordType): RowFormat {
  return name === "csv" ? csvRows(columnsOf(record)) : jsonRows(columnsOf(record));
}

/** The library quotes only the line end that it writes itself. */
const lineBreak = /[\r\n]/;

/** Absent values are empty fields; every line ends in CR LF. */
function csvRows(columns: readonly string[]): RowFormat {
  const lines = (rows: readonly (readonly unknown[])[]): string =>
    stringify([...rows.map((row) => [...row])], { record_delimiter: "windows", quoted_match: lineBreak });
  return {
    header: lines([columns]),
    rows: (records) => lines(records.map((record) => valuesOf(record, columns))),
  };
}

function jsonRows(columns: readonly string[]): RowFormat {
  return {
    header: null,
    rows: (records) =>
      records
        .map((record) => {
          const values = valuesOf(record, columns);
          const members = columns.map((column, index) => `"${column}":${jsonValue(column, values[index])}`);
          return `{${members.join(",")}}\n`;
        })
        .join(""),
  };
}

/** A total is a number to the reader, and keeps every digit it has. */
function jsonValue(column: string, value: unknown): string {
  const isDecimal = column === "total" && typeof value === "string" && /^-?\d+(?:\.\d+)?$/.test(value);
  return isDecimal ? value : JSON.stringify(value ?? null);
}

function valuesOf(exported: ExportedRecord, columns: readonly string[]): unknown[] {
  const record = JSON.parse(exported.record) as Readonly<Record<string, unknown>>;
  return columns.map((column) => (column === "source_id" ? exported.id : record[column]));
}
