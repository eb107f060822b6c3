import { UsageError } from "../program/usage-error.js";
import { TextArena } from "./text-arena.js";
import { readWorkbook, type Workbook } from "./workbook.js";
import { parseXml } from "./xml-events.js";
import { openZip, type ZipEntries } from "./zip-entries.js";

/**
 * The rows of a workbook's first sheet as text, one after the other; the sheet is never in memory as a whole.
 * A date prints as `YYYY-MM-DD HH:mm:ss`, whatever its format, and a whole day as `YYYY-MM-DD`: a sheet has no
 * other way to say that there is no time.
 */
export async function* xlsxRows(path: string): AsyncGenerator<readonly string[]> {
  const archive = await openZip(path).catch(() => {
    throw new UsageError(`${path} is not an XLSX file.`, "Save it as a workbook (.xlsx) or as CSV.");
  });
  using strings = new TextArena();
  try {
    const workbook = await readWorkbook(archive, strings);
    const stream = workbook === null ? null : await archive.read(workbook.sheet);
    if (workbook === null || stream === null) throw new UsageError(`${path} has no sheet.`);
    yield* sheetRows(stream, workbook);
  } finally {
    archive.close();
  }
}

type Stream = NonNullable<Awaited<ReturnType<ZipEntries["read"]>>>;

interface Cell {
  readonly column: number;
  readonly type: string;
  readonly style: number;
  text: string;
}

async function* sheetRows(stream: Stream, workbook: Workbook): AsyncGenerator<readonly string[]> {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell: Cell | null = null;
  let isText = false;
  const pieces = parseXml(stream, {
    open(name, attributes) {
      if (name === "row") row = [];
      else if (name === "c") cell = toCell(attributes, row.length);
      else if (name === "v" || name === "t") isText = true;
    },
    text(piece) {
      if (isText && cell !== null) cell.text += piece;
    },
    close(name) {
      if (name === "v" || name === "t") isText = false;
      else if (name === "c" && cell !== null) {
        while (row.length < cell.column) row.push("");
        row[cell.column] = cellText(cell, workbook);
        cell = null;
      } else if (name === "row") rows.push(row);
    },
  });
  for await (const _piece of pieces) yield* rows.splice(0);
}

function toCell(attributes: Readonly<Record<string, string>>, next: number): Cell {
  return {
    column: columnOf(attributes["r"]) ?? next,
    type: attributes["t"] ?? "n",
    style: Number(attributes["s"] ?? 0),
    text: "",
  };
}

/** `AB12` is column 27, counted from 0. */
function columnOf(reference: string | undefined): number | null {
  const letters = /^[A-Z]{1,3}/.exec(reference ?? "")?.[0];
  if (letters === undefined) return null;
  return [...letters].reduce((column, letter) => column * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}

function cellText({ type, style, text }: Cell, { strings, isDate, from1904 }: Workbook): string {
  if (text === "") return "";
  if (type === "s") return strings.get(Number(text)) ?? "";
  if (type === "b") return text === "1" ? "TRUE" : "FALSE";
  if (type !== "n") return text;
  return isDate[style] === true ? printSerial(Number(text), from1904) : printNumber(text);
}

/** Days since the epoch of spreadsheets, rounded to the second. */
function printSerial(days: number, from1904: boolean): string {
  const daysTo1970 = from1904 ? 24_107 : 25_569;
  const time = Math.round((days - daysTo1970) * 86_400) * 1000;
  if (!Number.isFinite(time)) return "";
  return new Date(time)
    .toISOString()
    .slice(0, Number.isInteger(days) ? 10 : 19)
    .replace("T", " ");
}

/** Spreadsheets write 17 digits, of which the last two are noise, and large ids with an exponent. */
function printNumber(text: string): string {
  if (/^-?\d{1,15}(?:\.\d{1,10})?$/.test(text)) return text;
  const value = Number(text);
  if (!Number.isFinite(value)) return text;
  return Number.isInteger(value) ? value.toFixed(0) : String(Number(value.toPrecision(15)));
}
