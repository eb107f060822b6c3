import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { extname } from "node:path";
import { parse } from "csv-parse";
import { UsageError } from "../program/usage-error.js";
import { xlsxRows } from "./xlsx-rows.js";

/** The rows of a report, header first, one after the other. @throws {@link UsageError} for what is no report. */
export async function* reportRows(path: string): AsyncGenerator<readonly string[]> {
  const file = await stat(path).catch(() => null);
  if (file === null || !file.isFile()) throw new UsageError(`No file ${path} exists.`);
  const extension = extname(path).toLowerCase();
  if (extension === ".xlsx") yield* xlsxRows(path);
  else if (extension === ".csv") yield* csvRows(path);
  else throw new UsageError("The report must be a .csv or .xlsx file.");
}

async function* csvRows(path: string): AsyncGenerator<readonly string[]> {
  const rows = createReadStream(path).pipe(
    parse({ bom: true, relax_column_count: true, skip_empty_lines: true }),
  );
  try {
    for await (const row of rows) yield row as readonly string[];
  } catch (error) {
    // Its own message repeats the line, which contains a customer's data.
    const line =
      typeof error === "object" && error !== null && "lines" in error ? ` Line ${error.lines}.` : "";
    throw new UsageError(`${path} is not a valid CSV file (RFC 4180).${line}`);
  }
}
