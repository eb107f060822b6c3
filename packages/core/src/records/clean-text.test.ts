import { describe, expect, it } from "vitest";
import { cleanText } from "./clean-text.js";

describe("cleanText", () => {
  it.each([
    ["text that is clean stays", "27 Elm Ct", "27 Elm Ct"],
    ["ends are trimmed", "  Jane ", "Jane"],
    ["inner runs become one blank", "Jane   Q \t Sample", "Jane Q Sample"],
    ["line breaks are whitespace", "one\r\ntwo", "one two"],
    ["no-break spaces are whitespace", "\u00a0Jane\u00a0\u202fSample\ufeff", "Jane Sample"],
    ["wide and ideographic blanks are whitespace", "a\u2003b\u3000c\u2028d\u0085e", "a b c d e"],
    ["joiners inside emoji are not", "👩\u200d🔧 Dana", "👩\u200d🔧 Dana"],
    ["letters of any script stay", "Łukasz 李小龍 محمد", "Łukasz 李小龍 محمد"],
    ["leading zeros stay", "02134", "02134"],
    ["emoji keep how they look", "\u200b❤\ufe0f", "❤\ufe0f"],
    ["invisible marks at the ends go", "\u200e45501\u200e\u2060", "45501"],
    ["invisible marks beside blanks go with them", "Jane\u200b \u200b Sample", "Jane Sample"],
    ["invisible marks between letters stay", "می\u200cخواهم", "می\u200cخواهم"],
    ["NUL is dropped", "a\0b", "ab"],
    ["half a surrogate pair becomes the replacement character", "a\ud83d b", "a\ufffd b"],
  ])("%s", (_rule, given, expected) => {
    expect(cleanText(given)).toBe(expected);
  });

  it.each([
    [null],
    [undefined],
    [""],
    [" "],
    ["\u00a0\t\n"],
    ["\0"],
    ["\u200b"],
    ["\u00ad"],
    ["\u2060\u200d"],
    ["\u3164"],
    ["\ufe0f"],
    ["\u{e0020}"],
  ])("returns null for %j", (given) => {
    expect(cleanText(given)).toBeNull();
  });
});

it("takes time proportional to the length of any text", () => {
  // Quadratic time would be hours.
  for (const run of ["\u200b", " \u200b", "\u200bx"]) {
    expect(cleanText(`a${run.repeat(1_000_000)}b`)).toMatch(/^a.*b$/);
  }
});
