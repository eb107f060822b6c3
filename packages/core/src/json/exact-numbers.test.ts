import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jsonText } from "./__fixtures__/json-text.js";
import { exactNumber, noTexts, plainDecimal } from "./exact-numbers.js";

type Path = readonly (string | number)[];

/** Every number in a value, with the path to it. */
function* numbersIn(value: unknown, path: Path = []): Generator<readonly [path: Path, value: number]> {
  if (typeof value === "number") yield [path, value];
  else if (Array.isArray(value))
    for (const [index, own] of value.entries()) yield* numbersIn(own, [...path, index]);
  else if (typeof value === "object" && value !== null) {
    for (const [name, own] of Object.entries(value)) yield* numbersIn(own, [...path, name]);
  }
}

describe("exact numbers of a row's text", () => {
  test("are found wherever they occur, with the value that parsing returns", () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        const row = [JSON.parse(text) as unknown];
        const texts = new Map([[row, `[${text}]`]]);
        for (const [path, value] of numbersIn(row)) {
          expect(Number(exactNumber(row, path, Number.NaN, texts))).toBe(value);
        }
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['{"total":12.50}', "12.50"],
    ['{"total":1,"t\\u006ftal" : 12345678901234567.890 ,"other":{"total":3}}', "12345678901234567.890"],
    ['{"total":0.00}', "0.00"],
    ['{"total":1e3}', "1000"],
  ])("keep every digit of %s", (text, expected) => {
    const row = JSON.parse(text) as { readonly total: number };
    expect(exactNumber(row, ["total"], row.total, new Map([[row, text]]))).toBe(expected);
  });

  test("are printed by JavaScript if the text is not known", () => {
    expect(exactNumber({ total: 1e-7 }, ["total"], 1e-7, noTexts)).toBe("0.0000001");
  });
});

describe("a number without its exponent", () => {
  test.each([
    ["1.50e1", "15.0"],
    ["-1.5E+3", "-1500"],
    ["12.34e-1", "1.234"],
    ["12e-4", "0.0012"],
    ["0.5e1", "5"],
    ["0e0", "0"],
    ["-0.00", "-0.00"],
    ["1e5000", "1e5000"],
  ])("%s is %s", (given, expected) => {
    expect(plainDecimal(given)).toBe(expected);
  });

  test("is the same number", () => {
    const number = fc.tuple(
      fc.integer(),
      fc.stringMatching(/^(\.\d{1,9})?$/),
      fc.integer({ min: -40, max: 40 }),
    );
    fc.assert(
      fc.property(number, ([whole, fraction, exponent]) => {
        const given = `${whole}${fraction}e${exponent}`;
        const plain = plainDecimal(given);
        expect(plain).toMatch(/^-?(0|[1-9]\d*)(\.\d+)?$/);
        expect(Number(plain)).toBe(Number(given));
      }),
    );
  });
});
