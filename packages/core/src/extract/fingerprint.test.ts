import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fingerprintOf, isPage } from "./fingerprint.js";

const row = fc.record({
  id: fc.maxSafeNat(),
  modifiedOn: fc.option(
    fc.constantFrom("2024-03-01T08:05:06Z", "2024-03-01T08:05:06.1Z", "2024-03-01T08:05:07Z"),
  ),
});
const page = fc.array(row, { minLength: 1, maxLength: 30 });

describe("the fingerprint of a page", () => {
  it("is the same for the same rows, whatever else they say", () => {
    fc.assert(
      fc.property(page, (rows) => {
        const fingerprint = fingerprintOf(rows) ?? "";
        expect(isPage(structuredClone(rows), fingerprint)).toBe(true);
        expect(
          isPage(
            rows.map((each) => ({ ...each, name: "Ada" })),
            fingerprint,
          ),
        ).toBe(true);
      }),
    );
  });

  it("is another when any row is another, in another place or missing, or the first or last has changed", () => {
    fc.assert(
      fc.property(page, fc.nat(), (rows, at) => {
        const fingerprint = fingerprintOf(rows) ?? "";
        const index = at % rows.length;
        const chosen = rows[index];
        const changed = (id: number, modifiedOn: string | null) =>
          rows.map((each, place) => (place === index ? { id, modifiedOn } : each));
        expect(isPage(changed((chosen?.id ?? 0) + 1, chosen?.modifiedOn ?? null), fingerprint)).toBe(false);
        expect(isPage(changed((chosen?.id ?? 0) + 2 ** 32, chosen?.modifiedOn ?? null), fingerprint)).toBe(
          false,
        );
        const atEdge = index === 0 || index === rows.length - 1;
        expect(isPage(changed(chosen?.id ?? 0, "2024-03-01T08:05:08Z"), fingerprint)).toBe(!atEdge);
        expect(isPage(rows.toSpliced(index, 1), fingerprint)).toBe(false);
        const rotated = [...rows.slice(1), ...rows.slice(0, 1)];
        const isMoved = rotated.some((each, place) => each.id !== rows[place]?.id);
        if (isMoved) expect(isPage(rotated, fingerprint)).toBe(false);
      }),
    );
  });

  it("is none for rows that say nothing about themselves", () => {
    expect(fingerprintOf([])).toBeNull();
    expect(fingerprintOf([{ name: "Ada" }, null, 7])).toBeNull();
  });
});
