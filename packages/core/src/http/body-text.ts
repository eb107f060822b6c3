import { isUtf8 } from "node:buffer";

const tolerantUtf8 = new TextDecoder();
const byteOrderMark = Buffer.from("\ufeff");

/**
 * The text of a body in UTF-8; `null` when its bytes are no text, instead of one with marks in place of what could not
 * be read. JSON is UTF-8; where a body is not, a declared character set is believed. A mark at the beginning goes.
 */
export function utf8Of(body: Uint8Array, contentType: string | null): Buffer | null {
  const declared = /charset="?([\w-]+)/i.exec(contentType ?? "")?.[1]?.toLowerCase() ?? null;
  // Its ASCII characters, with zeros between them, would be valid UTF-8.
  const isWide = declared?.startsWith("utf-16") === true;
  if (!isWide && isUtf8(body)) return withoutMark(Buffer.from(body.buffer, body.byteOffset, body.byteLength));
  const text = decode(body, declared);
  return text === null ? null : Buffer.from(text);
}

/** Whatever a failed answer holds: only its codes are looked for. */
export function roughTextOf(body: Uint8Array): string {
  return tolerantUtf8.decode(body);
}

function withoutMark(bytes: Buffer): Buffer {
  return bytes.subarray(0, byteOrderMark.length).equals(byteOrderMark)
    ? bytes.subarray(byteOrderMark.length)
    : bytes;
}

function decode(body: Uint8Array, characterSet: string | null): string | null {
  if (characterSet === null) return null;
  try {
    return new TextDecoder(characterSet, { fatal: true }).decode(body);
  } catch {
    return null;
  }
}
