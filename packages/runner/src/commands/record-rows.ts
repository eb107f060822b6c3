import { ConflictError, type ExportedRecord, type KnownRecordType, recordColumns } from "@titan-sync/core";
import { stringify } from "csv-stringify/sync";
import { addedColumns } from "./added-columns.js";

/** How records are written. */
export interface RowFormat {
  /** The first line, with its end; `null` for none. */
  readonly header: string | null;
  /** Lines, with their ends. */
  rows(records: readonly ExportedRecord[]): string;
}

export type RowFormatName = "csv" | "jsonl";

/** The host's columns in its table's order, then the identity in ServiceTitan. */
const columnsOf = (record: KnownRecordType): readonly string[] => [...recordColumns[record], "source_id"];

/**
 * Formats records of one type as CSV (RFC 4180) or as one JSON object a line. Added columns come last: in CSV those
 * given, in a line of JSON those that its record has.
 *
 * @param added - Every column that mappings have added to the records, for CSV.
 */
export function rowFormat(name: RowFormatName, record: KnownRecordType, added: readonly string[]): RowFormat {
  return name === "csv" ? csvRows(record, added) : jsonRows(record);
}

/** The library quotes only the line end that it writes itself. */
const lineBreak = /[\r\n]/;

/** Absent values are empty fields; every line ends in CR LF. */
function csvRows(record: KnownRecordType, added: readonly string[]): RowFormat {
  const columns = [...columnsOf(record), ...added];
  const lines = (rows: readonly (readonly unknown[])[]): string =>
    stringify([...rows.map((row) => [...row])], { record_delimiter: "windows", quoted_match: lineBreak });
  const fields = (exported: ExportedRecord): readonly unknown[] => {
    const values = readValues(exported);
    const late = addedColumns(values, record).find((column) => !added.includes(column));
    if (late === undefined) return columns.map((column) => fieldOf(column, values, exported));
    throw new ConflictError(`A sync added the column ${late} during the export.`, {
      hint: "Run the export again.",
    });
  };
  return { header: lines([columns]), rows: (records) => lines(records.map(fields)) };
}

function jsonRows(record: KnownRecordType): RowFormat {
  const columns = columnsOf(record);
  const line = (exported: ExportedRecord): string => {
    const values = readValues(exported);
    const members = [...columns, ...addedColumns(values, record)].map(
      (column) => `"${column}":${jsonValue(column, fieldOf(column, values, exported))}`,
    );
    return `{${members.join(",")}}\n`;
  };
  return { header: null, rows: (records) => records.map(line).join("") };
}

/** A total is a number for the reader, and keeps all its digits. */
function jsonValue(column: string, value: unknown): string {
  const isDecimal = column === "total" && typeof value === "string" && /^-?\d+(?:\.\d+)?$/.test(value);
  return isDecimal ? value : JSON.stringify(value ?? null);
}

type Values = Readonly<Record<string, unknown>>;

function readValues({ record }: ExportedRecord): Values {
  return JSON.parse(record) as Values;
}

function fieldOf(column: string, values: Values, { id }: ExportedRecord): unknown {
  return column === "source_id" ? id : values[column];
}
