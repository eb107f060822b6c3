import type { RecordBatch, RecordSinkObject } from "../ports/record-sink.js";
import { batchFiles } from "./batch-files.js";
import { columnsOf, type FlatValue, flatRow } from "./flat-rows.js";

export interface CsvSinkOptions {
  /**
   * The directory for one file per batch, `members/<company>.<batch>.csv` or `invoices/…`. Each file appears whole.
   */
  readonly directory: string;
  /**
   * Put an apostrophe before text that a spreadsheet would run as a formula: text that begins with `=`, `+`, `-`, `@`,
   * a tab or a carriage return and is not a number. This changes such values, including phone numbers that begin with
   * `+`.
   * @defaultValue false
   */
  readonly neutralizeFormulas?: boolean | undefined;
}

/**
 * Writes changes as CSV (RFC 4180): a header, then `op` (`upsert` or `remove`), `source_id`, `source_tenant`,
 * `environment`, `revision` and the record's columns. Lines end in CR LF; an empty field is `null`.
 *
 * @example
 * const sink = csvSink({ directory: "/var/spool/titan", neutralizeFormulas: true });
 *
 */
export function csvSink({ directory, neutralizeFormulas = false }: CsvSinkOptions): RecordSinkObject {
  const field = (value: FlatValue): string =>
    quote(typeof value === "string" && neutralizeFormulas ? neutralize(value) : String(value ?? ""));
  return batchFiles(directory, "csv", (batch) => renderRows(batch, field));
}

function renderRows(batch: RecordBatch, field: (value: FlatValue) => string): string {
  const columns = columnsOf(batch);
  const lines = batch.items.map((item) => {
    const row = flatRow(batch, item);
    return columns.map((column) => field(row[column] ?? null)).join(",");
  });
  return [columns.join(","), ...lines, ""].join("\r\n");
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function neutralize(text: string): string {
  return /^[=+\-@\t\r]/.test(text) && !/^-?\d+(?:\.\d+)?$/.test(text) ? `'${text}` : text;
}
