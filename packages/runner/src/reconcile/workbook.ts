import { posix } from "node:path";
import type { TextArena } from "./text-arena.js";
import { parseXml, readXml } from "./xml-events.js";
import type { ZipEntries } from "./zip-entries.js";

/** What a sheet's cells refer to. */
export interface Workbook {
  /** Path of the first sheet in the archive. */
  readonly sheet: string;
  readonly strings: TextArena;
  /** Whether a cell's style, by its number, prints a date. */
  readonly isDate: readonly boolean[];
  /** Whether days are counted from 1904 instead of 1900. */
  readonly from1904: boolean;
}

const folder = "xl";

/**
 * Reads what stands beside the sheets. `null` when the archive is no workbook.
 * @param strings - Filled with the texts that cells share.
 */
export async function readWorkbook(archive: ZipEntries, strings: TextArena): Promise<Workbook | null> {
  const stream = await archive.read(`${folder}/workbook.xml`);
  if (stream === null) return null;
  let firstSheet: string | null = null;
  let from1904 = false;
  await readXml(stream, {
    open(name, attributes) {
      if (name === "sheet") firstSheet ??= attributes["r:id"] ?? null;
      if (name === "workbookPr") from1904 = ["1", "true"].includes(attributes["date1904"] ?? "");
    },
  });
  await readStrings(archive, strings);
  return {
    sheet: await sheetPath(archive, firstSheet),
    strings,
    isDate: await readDateStyles(archive),
    from1904,
  };
}

async function sheetPath(archive: ZipEntries, id: string | null): Promise<string> {
  let target = "worksheets/sheet1.xml";
  const stream = await archive.read(`${folder}/_rels/workbook.xml.rels`);
  if (stream !== null) {
    await readXml(stream, {
      open(name, attributes) {
        if (name === "Relationship" && attributes["Id"] === id) target = attributes["Target"] ?? target;
      },
    });
  }
  return target.startsWith("/") ? target.slice(1) : posix.join(folder, target);
}

async function readStrings(archive: ZipEntries, strings: TextArena): Promise<void> {
  const stream = await archive.read(`${folder}/sharedStrings.xml`);
  if (stream === null) return;
  let text = "";
  let isText = false;
  let isPhonetic = false;
  const pieces = parseXml(stream, {
    open(name) {
      if (name === "si") text = "";
      if (name === "rPh") isPhonetic = true;
      if (name === "t") isText = !isPhonetic;
    },
    text(piece) {
      if (isText) text += piece;
    },
    close(name) {
      if (name === "t") isText = false;
      if (name === "rPh") isPhonetic = false;
      if (name === "si") strings.add(text);
    },
  });
  for await (const _piece of pieces) {
    // The arena has them.
  }
}

/** The built-in formats of spreadsheets for dates and times. */
const builtInDates = new Set([14, 15, 16, 17, 18, 19, 20, 21, 22, 27, 30, 36, 45, 46, 47, 50, 57]);

async function readDateStyles(archive: ZipEntries): Promise<readonly boolean[]> {
  const stream = await archive.read(`${folder}/styles.xml`);
  if (stream === null) return [];
  const own = new Set<number>();
  const styles: boolean[] = [];
  let inCells = false;
  await readXml(stream, {
    open(name, attributes) {
      const format = Number(attributes["numFmtId"] ?? 0);
      if (name === "numFmt" && printsDate(attributes["formatCode"] ?? "")) own.add(format);
      if (name === "cellXfs") inCells = true;
      if (name === "xf" && inCells) styles.push(builtInDates.has(format) || own.has(format));
    },
    close(name) {
      if (name === "cellXfs") inCells = false;
    },
  });
  return styles;
}

/** Whether a format has parts of a date outside of quoted text, colors and conditions. */
function printsDate(format: string): boolean {
  return /[ymdhs]/i.test(format.replace(/"[^"]*"|\\.|\[[^\]]*\]/g, ""));
}
