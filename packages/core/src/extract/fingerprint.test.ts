import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rowOf } from "../json/page-row.js";
import { fingerprintOf, isPage } from "./fingerprint.js";

const row = fc.record({
  id: fc.maxSafeNat(),
  modifiedOn: fc.option(
    fc.constantFrom("2024-03-01T08:05:06Z", "2024-03-01T08:05:06.1Z", "2024-03-01T08:05:07Z"),
  ),
  name: fc.string(),
});
type Row = Record<string, unknown>;
const page = fc.array(row, { minLength: 1, maxLength: 30 });
const pageOf = (rows: readonly unknown[]) => rows.map((each) => rowOf(JSON.stringify(each)));
/** Makes a page too large for its content to count. */
const large = (rows: readonly Row[]): Row[] => rows.map((each) => ({ ...each, summary: "x".repeat(70_000) }));

describe("the fingerprint of a page", () => {
  it("is the same for the same rows", () => {
    fc.assert(
      fc.property(page, (rows) => {
        expect(isPage(pageOf(structuredClone(rows)), fingerprintOf(pageOf(rows)) ?? "")).toBe(true);
      }),
    );
  });

  it("a row repeated with the same time but other content was mistaken for the previous page", () => {
    fc.assert(
      fc.property(page, fc.nat(), fc.string(), (rows, at, name) => {
        const index = at % rows.length;
        fc.pre(rows[index]?.name !== name);
        const changed = rows.map((each, place) => (place === index ? { ...each, name } : each));
        expect(isPage(pageOf(changed), fingerprintOf(pageOf(rows)) ?? "")).toBe(false);
      }),
    );
  });

  it("of a large page is cheap: it ignores the rest of the rows' content", () => {
    const rows = large([{ id: 1, modifiedOn: null }]);
    const renamed = rows.map((each) => ({ ...each, name: "Ada" }));
    expect(isPage(pageOf(renamed), fingerprintOf(pageOf(rows)) ?? "")).toBe(true);
  });

  it.each([
    { size: "small", numRuns: 100, sized: (rows: readonly Row[]) => rows },
    { size: "large", numRuns: 10, sized: large },
  ])(
    "of a $size page is another when any row is another, in another place or missing, or the first or last has changed",
    ({ size, numRuns, sized }) => {
      fc.assert(
        fc.property(page, fc.nat(), (rows, at) => {
          const fingerprint = fingerprintOf(pageOf(sized(rows))) ?? "";
          const isSame = (other: readonly Row[]) => isPage(pageOf(sized(other)), fingerprint);
          const index = at % rows.length;
          const chosen = rows[index];
          const changed = (change: { readonly id?: number; readonly modifiedOn?: string }) =>
            rows.map((each, place) => (place === index ? { ...each, ...change } : each));
          expect(isSame(changed({ id: (chosen?.id ?? 0) + 1 }))).toBe(false);
          expect(isSame(changed({ id: (chosen?.id ?? 0) + 2 ** 32 }))).toBe(false);
          const counts = size === "small" || index === 0 || index === rows.length - 1;
          expect(isSame(changed({ modifiedOn: "2024-03-01T08:05:08Z" }))).toBe(!counts);
          expect(isSame(rows.toSpliced(index, 1))).toBe(false);
          const rotated = [...rows.slice(1), ...rows.slice(0, 1)];
          const isMoved = rotated.some((each, place) => each.id !== rows[place]?.id);
          if (isMoved) expect(isSame(rotated)).toBe(false);
        }),
        { numRuns },
      );
    },
  );

  it("does not exist for rows without id and time", () => {
    expect(fingerprintOf([])).toBeNull();
    expect(fingerprintOf(pageOf([{ name: "Ada" }, null, 7]))).toBeNull();
  });
});
