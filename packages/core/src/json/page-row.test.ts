import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jsonString, jsonText, spaces } from "./__fixtures__/json-text.js";
import { rowsIn } from "./page-row.js";

describe("rows sliced out of an answer", () => {
  test("are byte for byte the page's text, for any content inside and around them", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(spaces, jsonText, spaces)),
        fc.array(fc.tuple(jsonString, jsonText)),
        fc.boolean(),
        spaces,
        (rows, others, isRepeated, around) => {
          const fields = others.map(([name, own]) => `${name}:${own}`);
          const data = `"data"${around}:${around}[${around}${rows.map((parts) => parts.join("")).join(",")}]`;
          const before = isRepeated ? ['"data":[1,[2]]', '"data":{"data":[3]}'] : [];
          const text = `${around}{${around}${[...before, ...fields, data].join(`${around},`)}${around}}${around}`;
          const parsed = JSON.parse(text) as { readonly data: readonly unknown[] };
          expect(rowsIn(text, "data", parsed.data).map((row) => row.text)).toEqual(
            rows.map(([, row]) => row),
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  test("are found under a name written with escapes", () => {
    const text = String.raw`{"d\u0061ta":[1.50,"\u0041"]}`;
    expect(rowsIn(text, "data", [1.5, "A"]).map((row) => row.text)).toEqual(["1.50", String.raw`"\u0041"`]);
  });

  test("contain exactly the integer in their text", () => {
    const text = '{"data":[{"id":9007199254740993,"n":1234567890123456.5},{"id":9007199254740991}]}';
    const { data } = JSON.parse(text) as { readonly data: readonly unknown[] };
    expect(rowsIn(text, "data", data).map((row) => row.value)).toEqual([
      { id: 9007199254740993n, n: 1234567890123456.5 },
      { id: 9007199254740991 },
    ]);
  });
});
