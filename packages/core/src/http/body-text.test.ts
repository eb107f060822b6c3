import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readText } from "./body-text.js";

const name = '{"name":"José Núñez"}';
const latin1 = Buffer.from(name, "latin1");

async function textOf(body: Uint8Array, contentType: string | null): Promise<string | null> {
  return (await readText(arriving([body]), contentType)).text;
}

async function* arriving(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

/** The bytes, cut into chunks of these sizes in turn. */
function chunksOf(bytes: Uint8Array, sizes: readonly number[]): readonly Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let start = 0; start < bytes.byteLength; ) {
    const size = sizes[chunks.length % sizes.length] ?? 1;
    chunks.push(bytes.subarray(start, start + size));
    start += size;
  }
  return chunks;
}

const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });

describe("readText", () => {
  it("silently put replacement characters into names in another character set", async () => {
    expect(await textOf(latin1, "application/json; charset=iso-8859-1")).toBe(name);
    expect(await textOf(latin1, "application/json")).toBeNull();
    expect(await textOf(latin1, null)).toBeNull();
    expect(await textOf(latin1, "application/json; charset=unheard-of")).toBeNull();
    expect(await textOf(latin1, "application/json; charset=utf-8")).toBeNull();
  });

  it("trusts valid UTF-8 more than the declared charset: proxies declare wrong ones", async () => {
    expect(await textOf(Buffer.from(name), "application/json; charset=iso-8859-1")).toBe(name);
    expect(await textOf(Buffer.from(name), 'application/json; charset="UTF-8"')).toBe(name);
    expect(await textOf(Buffer.from(`\ufeff${name}`), null)).toBe(name);
  });

  it("reads UTF-16 if it is declared", async () => {
    expect(await textOf(Buffer.from(name, "utf16le"), "application/json; charset=utf-16")).toBe(name);
  });

  it("reads no body as no text, and counts what came", async () => {
    expect(await readText(null, "application/json")).toEqual({ text: "", bytes: 0 });
    expect((await readText(arriving([latin1, latin1]), null)).bytes).toBe(2 * latin1.byteLength);
  });

  it("gives the same text wherever the body is cut into chunks", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary" }), sizes, async (text, cuts) => {
        const bytes = Buffer.from(text);
        const expected = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
        expect(await readText(arriving(chunksOf(bytes, cuts)), null)).toEqual({
          text: expected,
          bytes: bytes.byteLength,
        });
      }),
    );
  });

  it("judges broken bytes as a decoder of the whole does, wherever they are cut", async () => {
    const nearText = fc.array(
      fc.oneof(fc.constantFrom(0x41, 0x80, 0xbf, 0xc3, 0xe2, 0xed, 0xef, 0xf0, 0xf4), fc.nat(255)),
      { maxLength: 24 },
    );
    await fc.assert(
      fc.asyncProperty(nearText, sizes, async (values, cuts) => {
        const bytes = Uint8Array.from(values);
        const { text } = await readText(arriving(chunksOf(bytes, cuts)), null);
        expect(text).toBe(decodedAtOnce(bytes));
      }),
    );
  });
});

function decodedAtOnce(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
