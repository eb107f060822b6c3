import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../../test/postgres/database.js";
import { joinTexts, splitTexts } from "./joined-texts.js";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ empty: true });
});
afterAll(() => database.drop());

it.each([[["{}"]], [[null, '{"a":"\\u001f,{}\\\\"}', null, "[1,\n 2]", '"ü, €, 🙂"', null]], [[null, null]]])(
  "passes the texts to the database unchanged: %j",
  async (texts) => {
    const { rows } = await database.pool.query<{ text: string | null }>(
      `SELECT text FROM unnest(${splitTexts("$1")}, $2::int[]) given (text, place) ORDER BY place`,
      [joinTexts(texts), texts.map((_, place) => place)],
    );
    expect(rows.map((row) => row.text)).toEqual(texts);
  },
);

it("refuses a text that would be split into two", () => {
  expect(() => joinTexts(["{}", "{}\u001f{}"])).toThrow("holds the character U+001F");
});
