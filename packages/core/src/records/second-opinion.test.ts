import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type NaiveOutcome, naiveInvoice, naiveMember } from "./__fixtures__/naive-maps.js";
import { anyContext, uglyInvoice, uglyMember } from "./__fixtures__/ugly-entities.js";
import { mapInvoice } from "./map-invoice.js";
import { mapMember } from "./map-member.js";
import type { MapOutcome } from "./map-outcome.js";
import type { HostRecord } from "./record.js";

const runs = { numRuns: 2000 };
/** Thousands of runs take seconds, and more on a busy machine. */
const timeout = 60_000;

describe("The maps and a second implementation of the rules", () => {
  it("agree on every member, however messy the data", { timeout }, () => {
    fc.assert(
      fc.property(uglyMember, anyContext, (joined, context) => {
        expect(naively(mapMember(joined, context))).toStrictEqual(naiveMember(joined, context));
      }),
      runs,
    );
  });

  it("agree on every invoice, however messy the data", { timeout }, () => {
    fc.assert(
      fc.property(uglyInvoice, anyContext, (joined, context) => {
        expect(naively(mapInvoice(joined, context))).toStrictEqual(naiveInvoice(joined, context));
      }),
      runs,
    );
  });
});

describe("The maps", () => {
  it("return the same member for any order of related entities", () => {
    fc.assert(
      fc.property(uglyMember, anyContext, (joined, context) => {
        expect(mapMember(reversed(joined), context)).toStrictEqual(mapMember(joined, context));
      }),
    );
  });

  it("return the same invoice for any order of related entities", () => {
    fc.assert(
      fc.property(uglyInvoice, anyContext, (joined, context) => {
        expect(mapInvoice(reversed(joined), context)).toStrictEqual(mapInvoice(joined, context));
      }),
    );
  });
});

/** The same joined entities, each list of them the other way round. */
function reversed<Joined extends object>(joined: Joined): Joined {
  const turned = Object.entries(joined).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.toReversed() : value,
  ]);
  return Object.fromEntries(turned) as Joined;
}

function naively(outcome: MapOutcome<HostRecord>): NaiveOutcome {
  if (outcome.kind === "rejected") return { rules: outcome.violations.map(({ rule }) => rule) };
  return { record: { ...outcome.record }, warns: outcome.warnings.map(({ rule }) => rule) };
}
