import { describe, expect, it } from "vitest";
import { receiveRows } from "./received-rows.js";

/** Like a response's: with an `ArrayBuffer` of their own. */
function ownBytes(text: string): Buffer<ArrayBuffer> {
  return Buffer.from(new TextEncoder().encode(text).buffer);
}

const spans = [
  { start: 1, end: 4 },
  { start: 5, end: 8 },
];

describe("released rows", () => {
  it("kept the memory of their page until the next garbage collection", () => {
    const bytes = ownBytes("[1.0,2.0]");
    const { buffer } = bytes;
    expect(buffer.byteLength).toBeGreaterThan(0);
    receiveRows(bytes, []).release();
    expect(buffer.byteLength).toBe(0);
  });

  it("cannot be read: a text that is no longer there would land as an empty one", () => {
    const { rows, release } = receiveRows(ownBytes("[1.0,2.0]"), spans);
    expect(rows.map(({ text, value }) => [text, value])).toEqual([
      ["1.0", 1],
      ["2.0", 2],
    ]);
    release();
    release();
    for (const row of rows) {
      expect(() => row.text).toThrow("was released");
      expect(() => row.value).toThrow("was released");
    }
  });

  it("leave memory alone that others may use", () => {
    const all = ownBytes("[1.0,2.0] and what others use");
    const { rows, release } = receiveRows(all.subarray(0, 9), spans);
    expect(rows).toHaveLength(2);
    release();
    expect(all.toString()).toBe("[1.0,2.0] and what others use");
  });
});
