import { createReadStream, createWriteStream } from "node:fs";
import { type FileHandle, open, rm, stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { crc32, createDeflateRaw } from "node:zlib";
import type { Cell } from "./large-report.js";

const xml = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';
const relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/**
 * Writes a workbook as spreadsheets do: texts once, in a table that cells refer to; dates as days with a style.
 * Neither the rows nor the archive are held in memory; the texts are.
 */
export async function writeWorkbook(file: string, rows: Iterable<readonly (Cell | null)[]>): Promise<void> {
  const strings = new Map<string, number>();
  const archive = await ZipWriter.open(file);
  await archive.add("xl/workbook.xml", [
    `${xml}<workbook ${main} xmlns:r="${relations}"><sheets><sheet name="Report" sheetId="1" r:id="rId1"/></sheets></workbook>`,
  ]);
  await archive.add("xl/_rels/workbook.xml.rels", [
    `${xml}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`,
    `<Relationship Id="rId1" Type="${relations}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
  ]);
  await archive.add("xl/styles.xml", [
    `${xml}<styleSheet ${main}><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>`,
  ]);
  await archive.add("xl/worksheets/sheet1.xml", sheet(rows, strings));
  await archive.add("xl/sharedStrings.xml", sharedStrings(strings));
  await archive.close();
}

function* sheet(rows: Iterable<readonly (Cell | null)[]>, strings: Map<string, number>): Generator<string> {
  yield `${xml}<worksheet ${main}><sheetData>`;
  let number = 0;
  for (const row of rows) {
    number += 1;
    const cells = row.map((cell, place) => {
      if (cell === null) return "";
      const reference = `${String.fromCharCode(65 + place)}${number}`;
      if (typeof cell === "string") return `<c r="${reference}" t="s"><v>${indexOf(cell, strings)}</v></c>`;
      if ("number" in cell) return `<c r="${reference}"><v>${cell.number}</v></c>`;
      return `<c r="${reference}" s="1"><v>${cell.days}</v></c>`;
    });
    yield `<row r="${number}">${cells.join("")}</row>`;
  }
  yield "</sheetData></worksheet>";
}

function indexOf(text: string, strings: Map<string, number>): number {
  const known = strings.get(text);
  if (known !== undefined) return known;
  strings.set(text, strings.size);
  return strings.size - 1;
}

function* sharedStrings(strings: ReadonlyMap<string, number>): Generator<string> {
  yield `${xml}<sst ${main} uniqueCount="${strings.size}">`;
  for (const text of strings.keys()) {
    const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
    yield `<si><t xml:space="preserve">${escaped}</t></si>`;
  }
  yield "</sst>";
}

interface Entry {
  readonly name: Buffer;
  readonly offset: number;
  readonly checksum: number;
  readonly size: number;
  readonly compressed: number;
}

/** Writes files into an archive one after the other, each through a temporary file. */
class ZipWriter {
  readonly #file: string;
  readonly #output: FileHandle;
  readonly #entries: Entry[] = [];
  #offset = 0;

  private constructor(file: string, output: FileHandle) {
    this.#file = file;
    this.#output = output;
  }

  static async open(file: string): Promise<ZipWriter> {
    return new ZipWriter(file, await open(file, "w"));
  }

  async add(name: string, texts: Iterable<string>): Promise<void> {
    const part = `${this.#file}.part`;
    let checksum = 0;
    let size = 0;
    const chunks = function* (): Generator<Buffer> {
      for (const text of inChunks(texts)) {
        const bytes = Buffer.from(text);
        checksum = crc32(bytes, checksum);
        size += bytes.length;
        yield bytes;
      }
    };
    await pipeline(chunks, createDeflateRaw({ level: 1 }), createWriteStream(part));
    const compressed = (await stat(part)).size;
    const entry: Entry = { name: Buffer.from(name), offset: this.#offset, checksum, size, compressed };
    this.#entries.push(entry);
    await this.#write(Buffer.concat([localHeader(entry), entry.name]));
    for await (const piece of createReadStream(part)) await this.#write(piece as Buffer);
    await rm(part);
  }

  async close(): Promise<void> {
    const begin = this.#offset;
    for (const entry of this.#entries) await this.#write(Buffer.concat([centralHeader(entry), entry.name]));
    const end = Buffer.alloc(22);
    end.writeUInt32LE(0x06054b50, 0);
    end.writeUInt16LE(this.#entries.length, 8);
    end.writeUInt16LE(this.#entries.length, 10);
    end.writeUInt32LE(this.#offset - begin, 12);
    end.writeUInt32LE(begin, 16);
    await this.#write(end);
    await this.#output.close();
  }

  async #write(bytes: Buffer): Promise<void> {
    await this.#output.writeFile(bytes);
    this.#offset += bytes.length;
  }
}

const version = 20;
const deflated = 8;

function localHeader({ name, checksum, size, compressed }: Entry): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(version, 4);
  header.writeUInt16LE(deflated, 8);
  header.writeUInt32LE(checksum, 14);
  header.writeUInt32LE(compressed, 18);
  header.writeUInt32LE(size, 22);
  header.writeUInt16LE(name.length, 26);
  return header;
}

function centralHeader({ name, offset, checksum, size, compressed }: Entry): Buffer {
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(version, 4);
  header.writeUInt16LE(version, 6);
  header.writeUInt16LE(deflated, 10);
  header.writeUInt32LE(checksum, 16);
  header.writeUInt32LE(compressed, 20);
  header.writeUInt32LE(size, 24);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt32LE(offset, 42);
  return header;
}

const chunkLength = 64 * 1024;

function* inChunks(texts: Iterable<string>): Generator<string> {
  let pending = "";
  for (const text of texts) {
    pending += text;
    if (pending.length < chunkLength) continue;
    yield pending;
    pending = "";
  }
  if (pending !== "") yield pending;
}
