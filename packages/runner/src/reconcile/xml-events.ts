import type { Readable } from "node:stream";
import { Parser } from "htmlparser2";

export interface XmlHandler {
  /** Names come without a namespace's prefix. */
  open?(name: string, attributes: Readonly<Record<string, string>>): void;
  text?(text: string): void;
  close?(name: string): void;
}

/** Parses XML as it arrives; yields after each piece, so that what it gave can be passed on. */
export async function* parseXml(stream: Readable, handler: XmlHandler): AsyncGenerator<void> {
  const parser = new Parser(
    {
      onopentag: (name, attributes) => handler.open?.(localName(name), attributes),
      ontext: (text) => handler.text?.(text),
      onclosetag: (name) => handler.close?.(localName(name)),
    },
    { xmlMode: true, decodeEntities: true },
  );
  stream.setEncoding("utf8");
  for await (const piece of stream) {
    parser.write(piece as string);
    yield;
  }
  parser.end();
  yield;
}

/** The same for small documents, read to their end. */
export async function readXml(stream: Readable, handler: XmlHandler): Promise<void> {
  for await (const _piece of parseXml(stream, handler)) {
    // The handler has what it needs.
  }
}

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}
