import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jsonString, jsonText, spaces } from "./__fixtures__/json-text.js";
import { parseWithRows } from "./parse-with-rows.js";

const parse = (text: string) => parseWithRows(Buffer.from(text), "data");
const textsIn = (text: string) => parse(text).rows.map((row) => row.text);

/** An answer with rows somewhere in it, and the texts of these. */
const answer = fc
  .tuple(
    fc.array(fc.tuple(spaces, jsonText, spaces)),
    fc.array(fc.tuple(jsonString, jsonText)),
    fc.array(fc.tuple(jsonString, jsonText)),
    fc.boolean(),
    spaces,
  )
  .map(([rows, before, after, isRepeated, around]) => {
    const list = rows.map((parts) => parts.join("")).join(",");
    const repeated = isRepeated ? ['"data":[1,[2]]', '"data":{"data":[3]}'] : [];
    const fields = [
      ...repeated,
      ...before.map(([name, own]) => `${name}:${own}`),
      `"data"${around}:${around}[${around}${list}]`,
      ...after.map(([name, own]) => `${name}${around}:${own}`),
    ];
    const text = `${around}{${around}${fields.join(`${around},`)}${around}}${around}`;
    return { text, rows: rows.map(([, row]) => row) };
  });

describe("the rows of an answer", () => {
  test("are byte for byte the page's text, for any content inside and around them", () => {
    fc.assert(
      fc.property(answer, ({ text, rows }) => {
        const parsed = parse(text);
        expect(parsed.rows.map((row) => row.text)).toEqual(rows);
        expect(parsed.body).toEqual({ ...(JSON.parse(text) as object), data: [] });
      }),
      { numRuns: 500 },
    );
  });

  test("of an answer that is not valid JSON were accepted, or those of a valid one refused", () => {
    const damage = fc.tuple(
      fc.nat(),
      fc.nat({ max: 3 }),
      fc.constantFrom("", ",", "]", "[", "}", "{", '"', ":", "\\", "1", "\f", "é"),
    );
    fc.assert(
      fc.property(answer, damage, ({ text }, [at, left, put]) => {
        const start = at % (text.length + 1);
        const damaged = Buffer.from(`${text.slice(0, start)}${put}${text.slice(start + left)}`);
        const expected = outcomeOf(() => JSON.parse(damaged.toString()) as unknown);
        const found = outcomeOf(() => parseWithRows(damaged, "data"));
        expect(found === null).toBe(expected === null);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ["an object without rows", '{"a":1}'],
    ["rows that are no list", '{"data":{"data":[1]},"a":1}'],
    ["rows that a later field replaces", '{"data":[1],"data":null}'],
    ["rows further inside", '{"a":{"data":[1]}}'],
    ["a list", "[1]"],
    ["a word", " null "],
    ["a text", '"data"'],
  ])("are none in %s", (_, text) => {
    expect(parse(text)).toMatchObject({ body: JSON.parse(text) as unknown, rows: [] });
  });

  test("are found under a name written with escapes", () => {
    expect(textsIn(String.raw`{"d\u0061ta":[1.50,"\u0041"]}`)).toEqual(["1.50", String.raw`"\u0041"`]);
  });

  test("contain exactly the integer in their text", () => {
    const text = '{"data":[{"id":9007199254740993,"n":1234567890123456.5},{"id":9007199254740991}]}';
    expect(parse(text).rows.map((row) => row.value)).toEqual([
      { id: 9007199254740993n, n: 1234567890123456.5 },
      { id: 9007199254740991 },
    ]);
  });
});

/** `null` for a failure. */
function outcomeOf(work: () => unknown): { readonly result: unknown } | null {
  try {
    return { result: work() };
  } catch {
    return null;
  }
}
