import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../../test/postgres/database.js";
import { joinColumns } from "./joined-columns.js";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ empty: true });
});
afterAll(() => database.drop());

async function roundTrip(rows: readonly (readonly [string | null, number | null])[]) {
  const { values, arrayOf } = joinColumns(rows, 2);
  const { rows: found } = await database.pool.query<{ text: string | null; whole: number | null }>(
    `SELECT text, whole FROM unnest(${arrayOf("$1", "text")}, ${arrayOf("$2", "int")}) given (text, whole)`,
    [...values],
  );
  return found.map(({ text, whole }) => [text, whole]);
}

// Any text that PostgreSQL holds: without NUL and without half characters.
const text = fc.string({ unit: "grapheme", maxLength: 8 }).filter((value) => !value.includes("\0"));
const odd = fc.constantFrom(
  "",
  "NULL",
  "{",
  ",",
  '"',
  "\\",
  "\u001f",
  "\u001e",
  "\u001d",
  "\t\r\n",
  "é\u001f",
);
const row = fc.tuple(
  fc.option(fc.oneof(text, odd)),
  fc.option(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
);

it("rows are read exactly as they were written, for any text", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 10 }), async (rows) => {
      expect(await roundTrip(rows)).toEqual(rows);
    }),
    { examples: [[[["", 1]]], [[[null, null]]], [[]]] },
  );
});

it("texts with nearly every control character are refused", () => {
  const all = Array.from({ length: 31 }, (_none, index) => String.fromCharCode(index + 1)).join("");
  expect(() => joinColumns([[all]], 1)).toThrow("so many control characters");
});
