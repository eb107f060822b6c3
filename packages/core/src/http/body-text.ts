const tolerantUtf8 = new TextDecoder();
const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What a body was. */
export interface BodyText {
  /** `null` when its bytes are no text. */
  readonly text: string | null;
  readonly bytes: number;
}

/**
 * Reads the text of a body; `null` when its bytes are none, instead of a text with marks in place of what could not be
 * read. JSON is UTF-8; where a body is not, a declared character set is believed. A mark at the beginning goes.
 *
 * What has come is decoded piece by piece and then let go: a page's bytes do not lie beside its text.
 *
 * @throws what the body fails with.
 */
export async function readText(
  body: AsyncIterable<Uint8Array> | null,
  contentType: string | null,
): Promise<BodyText> {
  const declared = /charset="?([\w-]+)/i.exec(contentType ?? "")?.[1]?.toLowerCase() ?? null;
  // Its ASCII characters, with zeros between them, would be valid UTF-8.
  const isWide = declared?.startsWith("utf-16") === true;
  const utf8 = isWide ? null : createPieces();
  const kept: Uint8Array[] | null = declared === null || /^utf-?8$/.test(declared) ? null : [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    utf8?.add(chunk);
    kept?.push(chunk);
  }
  const text = utf8?.end() ?? (kept === null ? null : decode(Buffer.concat(kept), declared));
  return { text, bytes };
}

/** Whatever a failed answer holds: only its codes are looked for. */
export function roughTextOf(body: Uint8Array): string {
  return tolerantUtf8.decode(body);
}

/**
 * Decodes UTF-8 as it comes. Node's own decoder of streams would make two bytes of each character, and a text decoded at
 * once lies outside of V8's heap, where nothing makes V8 collect it.
 */
function createPieces() {
  const pieces: string[] = [];
  let isText = true;
  /** The beginning of a character whose rest has not come. */
  let begun: Uint8Array = new Uint8Array();

  function take(bytes: Uint8Array): void {
    try {
      if (isText && bytes.byteLength > 0) pieces.push(strictUtf8.decode(bytes));
    } catch {
      isText = false;
      pieces.length = 0;
    }
  }

  return {
    add(chunk: Uint8Array): void {
      const all = begun.byteLength === 0 ? chunk : Buffer.concat([begun, chunk]);
      const end = endOfWhole(all);
      begun = all.slice(end);
      take(all.subarray(0, end));
    },
    /** `null` when it was no UTF-8. */
    end(): string | null {
      take(begun);
      if (!isText) return null;
      const text = pieces.join("");
      return text.startsWith("\ufeff") ? text.slice(1) : text;
    },
  };
}

/** Where the last character that is there whole ends. */
function endOfWhole(bytes: Uint8Array): number {
  const { length } = bytes;
  for (let back = 1; back < 4 && back <= length; back += 1) {
    const byte = bytes[length - back] ?? 0;
    if (byte < 0x80) return length;
    // Not one that continues a character.
    if (byte >= 0xc0) return sizeOf(byte) > back ? length - back : length;
  }
  return length;
}

/** Of the character that this byte begins. */
function sizeOf(first: number): number {
  if (first >= 0xf0) return 4;
  return first >= 0xe0 ? 3 : 2;
}

function decode(body: Uint8Array, characterSet: string | null): string | null {
  if (characterSet === null) return null;
  try {
    return new TextDecoder(characterSet, { fatal: true }).decode(body);
  } catch {
    return null;
  }
}
