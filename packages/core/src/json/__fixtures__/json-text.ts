import fc from "fast-check";

/** Whitespace that may stand between the parts of JSON. */
export const spaces = fc.stringMatching(/^[ \t\r\n]{0,3}$/);
/** Numbers as some serializers print them, but JavaScript does not. */
const number = fc.oneof(
  fc.constantFrom("12.50", "0.00", "-0", "1e3", "1.5E-7", "9007199254740993", "9223372036854775807"),
  fc.stringMatching(/^-?[1-9]\d{0,40}(\.\d{1,20})?$/),
);
/** With escapes that stand for what needs none, halves of surrogate pairs, brackets and quotation marks. */
export const jsonString = fc
  .array(fc.oneof(fc.constantFrom('\\"', "\\\\", "\\u0061", "\\ud800", "\\/", "]", "}", "{", "é", "😀", ",")))
  .map((parts) => `"${parts.join("")}"`);

/** The text of any JSON value, with whitespace, escapes and repeated names that no serializer of ours would write. */
export const { value: jsonText } = fc.letrec<{ readonly value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom("true", "false", "null"),
    number,
    jsonString,
    listed(tie("value"), "[", "]"),
    listed(
      fc
        .tuple(fc.oneof(fc.constantFrom('"id"', '"data"', '"a"'), jsonString), spaces, spaces, tie("value"))
        .map(([name, before, after, own]) => `${name}${before}:${after}${own}`),
      "{",
      "}",
    ),
  ),
}));

function listed(element: fc.Arbitrary<string>, open: string, close: string): fc.Arbitrary<string> {
  return fc
    .tuple(fc.array(fc.tuple(spaces, element, spaces), { maxLength: 4 }), spaces)
    .map(([elements, empty]) =>
      elements.length === 0
        ? `${open}${empty}${close}`
        : `${open}${elements.map((parts) => parts.join("")).join(",")}${close}`,
    );
}
