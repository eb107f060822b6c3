import type { Mutant } from "./mutant.js";

const structureCheck = "packages/core/src/quality/structure-check.test.ts";

/** Mistakes by which something else is kept, or compared, than what came. */
export const exactnessMutants: readonly Mutant[] = [
  {
    mistake: "a row is printed again before it lands",
    file: "packages/core/src/json/received-rows.ts",
    original: "return textIn(bytes, spans[index]);",
    replacement: "return JSON.stringify(this.valueOf(index)) ?? textIn(bytes, spans[index]);",
    test: {
      file: "packages/core/src/sync/read/landed-text.test.ts",
      title: "a row lands or is rejected byte for byte, however its response arrives",
    },
  },
  {
    mistake: "ids above 2^53 are rounded",
    file: "packages/core/src/json/parse-exactly.ts",
    original: "wholeNumber.test(source) ? BigInt(source) : value",
    replacement: "value",
    test: { file: structureCheck, title: "ids that a number would round land" },
  },
  {
    mistake: "ids are ordered as texts",
    file: "packages/core/src/feeds/entity-id.ts",
    original: "if (left.length !== right.length) return left.length - right.length;",
    replacement: "",
    test: { file: "packages/core/src/feeds/entity-id.test.ts", title: "orders ids as numbers of any size" },
  },
  {
    mistake: "ids that are too large share one rejection each page",
    file: "packages/core/src/quality/structure-check.ts",
    original: "/^\\d{1,40}$/.test(String(id)) ? String(id) : null",
    replacement: "/^\\d{1,40}$/.test(String(id)) ? String(Number(id)) : null",
    test: { file: structureCheck, title: "is its own rejection, under that id" },
  },
  {
    mistake: "a total that is a JSON number loses its scale",
    file: "packages/core/src/json/exact-numbers.ts",
    original: "plainDecimal(source ?? String(value))",
    replacement: "plainDecimal(String(value))",
    test: { file: "packages/core/src/json/exact-numbers.test.ts", title: "keep every digit of" },
  },
  {
    mistake: "an invoice's total is read without the text of its row",
    file: "packages/core/src/sync/derive/derive-batch.ts",
    original: "definition.map(entities as never, mapping, texts)",
    replacement: "definition.map(entities as never, mapping, new Map())",
    test: {
      file: "test/sync/memory.test.ts",
      title: "totals sent as JSON numbers keep their digits and their scale",
    },
  },
  {
    mistake: "a text of which nothing shows passes as filled",
    file: "packages/core/src/records/clean-text.ts",
    original: "isVisible(cleaned) ? cleaned : null",
    replacement: 'cleaned === "" ? null : cleaned',
    test: { file: "packages/core/src/records/clean-text.test.ts", title: "returns null for" },
  },
  {
    mistake: "a phone keeps the invisible marks that it was copied with",
    file: "packages/core/src/records/phones.ts",
    original: "return withoutInvisible(phone);",
    replacement: "return phone;",
    test: {
      file: "packages/core/src/records/phones.test.ts",
      title: "prints a number once if it occurs with and without invisible characters",
    },
  },
  {
    mistake: "a date prints with five digits of a year",
    file: "packages/core/src/records/date-time.ts",
    original: "printed.length === printedLength ? printed : null",
    replacement: "printed",
    test: { file: "packages/core/src/records/date-time.test.ts", title: "in Australia/Sydney as" },
  },
  {
    mistake: "a range may begin on a day that no calendar has",
    file: "packages/core/src/sync/run-request.ts",
    original: "isWritten ? normalizeInstant(text) : null",
    replacement: "isWritten ? text : null",
    test: { file: "packages/core/src/sync/run-request.test.ts", title: "2026-02-30T00:00:00Z" },
  },
];
