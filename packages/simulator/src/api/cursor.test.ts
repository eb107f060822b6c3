import { describe, expect, test } from "vitest";
import { parseCursor, printCursor } from "./cursor.js";

const position = { modified: "2024-06-01T00:12:33.4566667", id: 41_000_321 };

describe("a continuation token", () => {
  test.each([
    position,
    { modified: "0001-01-01T00:00:00.0000000", id: -1 },
    { modified: "9999-12-31T23:59:59.9999999", id: Number.MAX_SAFE_INTEGER },
  ])("stores its place: %j", (place) => {
    expect(parseCursor("1001/customers", printCursor("1001/customers", place))).toEqual(place);
  });

  test("is 21 bytes in base64, like those of the real API", () => {
    expect(Buffer.from(printCursor("1001/customers", position), "base64")).toHaveLength(21);
  });

  test("names the same place with another salt", () => {
    const [plain, salted] = [
      printCursor("1001/customers", position),
      printCursor("1001/customers", position, 1),
    ];
    expect(salted).not.toBe(plain);
    expect(parseCursor("1001/customers", salted)).toEqual(position);
  });

  test("is valid only for its owner, and only if complete", () => {
    const token = printCursor("1001/customers", position);
    expect(parseCursor("1001/locations", token)).toBeNull();
    expect(parseCursor("1002/customers", token)).toBeNull();
    expect(parseCursor("1001/customers", token.slice(0, -4))).toBeNull();
    expect(parseCursor("1001/customers", token.replaceAll("A", " "))).toBeNull();
  });
});
