const tolerantUtf8 = new TextDecoder();

/**
 * The text of a body; `null` when its bytes are none, instead of a text with marks in place of what could not be read.
 * JSON is UTF-8; where a body is not, a declared character set is believed. A mark at the beginning goes.
 */
export function textOf(body: Uint8Array, contentType: string | null): string | null {
  const declared = /charset="?([\w-]+)/i.exec(contentType ?? "")?.[1]?.toLowerCase() ?? null;
  // Its ASCII characters, with zeros between them, would be valid UTF-8.
  const isWide = declared?.startsWith("utf-16") === true;
  return isWide ? decode(body, declared) : (decode(body, "utf-8") ?? decode(body, declared));
}

/** Whatever a failed answer holds: only its codes are looked for. */
export function roughTextOf(body: Uint8Array): string {
  return tolerantUtf8.decode(body);
}

function decode(body: Uint8Array, characterSet: string | null): string | null {
  if (characterSet === null) return null;
  try {
    return new TextDecoder(characterSet, { fatal: true }).decode(body);
  } catch {
    return null;
  }
}
