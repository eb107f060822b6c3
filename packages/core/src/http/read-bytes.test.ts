import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { announcedLength, readBytes } from "./read-bytes.js";

async function* inPieces(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

describe("readBytes", () => {
  it("gives all that arrives, whatever was announced, in memory of its own", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }),
        fc.option(fc.nat({ max: 400 })),
        async (pieces, announced) => {
          const bytes = await readBytes(inPieces(pieces), announced);
          expect(Buffer.from(bytes).equals(Buffer.concat(pieces))).toBe(true);
          expect(bytes.byteLength).toBe(bytes.buffer.byteLength);
          expect(pieces.every(({ buffer }) => buffer !== bytes.buffer)).toBe(true);
        },
      ),
    );
  });

  it("reads no body as no bytes", async () => {
    expect(await readBytes(null, null)).toHaveLength(0);
    expect(await readBytes(null, 9)).toHaveLength(0);
  });

  it("does not allocate whatever length is announced", async () => {
    expect(await readBytes(inPieces([Uint8Array.of(1)]), Number.MAX_SAFE_INTEGER)).toEqual(Uint8Array.of(1));
  });

  it("fails with what the body fails with", async () => {
    async function* cut(): AsyncGenerator<Uint8Array> {
      yield Uint8Array.of(1);
      throw new Error("cut off");
    }
    await expect(readBytes(cut(), 9)).rejects.toThrow("cut off");
  });
});

describe("announcedLength", () => {
  it.each([
    [{ "content-length": "12" }, 12],
    [{ "content-length": "12", "content-encoding": "gzip" }, null],
    [{ "content-length": "many" }, null],
    [{ "content-length": "1e9" }, null],
    [{}, null],
  ])("of %j is %s", (headers, length) => {
    expect(announcedLength(new Headers(headers as Record<string, string>))).toBe(length);
  });
});
