import { once } from "node:events";
import type { Writable } from "node:stream";

/** Writes text, and waits while the reader at the other end is slower than we are. */
export async function write(stream: Writable, text: string): Promise<void> {
  if (stream.write(text) || stream.destroyed) return;
  await once(stream, "drain");
}

/** Writes text and ends the line. */
export async function writeLine(stream: Writable, text = ""): Promise<void> {
  await write(stream, `${text}\n`);
}

/** Writes one JSON document on one line. */
export async function writeJson(stream: Writable, document: unknown): Promise<void> {
  await writeLine(stream, JSON.stringify(document));
}
