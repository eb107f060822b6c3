import { describe, expect, it } from "vitest";
import { completeNames, nameColumns } from "./names.js";

describe("completeNames", () => {
  it.each([
    [
      "keeps names that are all given",
      ["Dr. Jane Q. Sample", "Janet", "Samples"],
      ["Dr. Jane Q. Sample", "Janet", "Samples"],
    ],
    ["splits a full name", ["Jane Sample", null, null], ["Jane Sample", "Jane", "Sample"]],
    [
      "takes the second of many tokens for the last name",
      ["Maria del Carmen", null, null],
      ["Maria del Carmen", "Maria", "del"],
    ],
    ["has no last name of one token", ["Xiomara", null, null], ["Xiomara", "Xiomara", null]],
    ["joins first and last name", [null, "Jane", "Sample"], ["Jane Sample", "Jane", "Sample"]],
    ["takes a lone first name for the full name", [null, "Jane", null], ["Jane", "Jane", null]],
    ["takes a lone last name for the full name", [null, null, "Sample"], ["Sample", null, "Sample"]],
    ["makes nothing of nothing", [null, null, null], [null, null, null]],
    [
      "does not guess beside a given first name",
      ["Jane Sample", "Jane", null],
      ["Jane Sample", "Jane", null],
    ],
  ] as const)("%s", (_rule, [full, first, last], [fullAfter, firstAfter, lastAfter]) => {
    expect(completeNames({ full, first, last })).toEqual({
      full: fullAfter,
      first: firstAfter,
      last: lastAfter,
    });
  });
});

describe("nameColumns", () => {
  const rules = { splitCompanyNames: false, negativeTotal: "warn" } as const;

  it.each([
    ["a residential customer's name is split", "Residential", false, "Larkspur"],
    ["a commercial customer's name is not", "Commercial", false, null],
    ["with splitCompanyNames it is", "Commercial", true, "Larkspur"],
    ["a name is split when the type is unknown", null, false, "Larkspur"],
  ])("%s", (_rule, type, splitCompanyNames, first) => {
    const columns = nameColumns("Larkspur Property LLC", type, { ...rules, splitCompanyNames });
    expect(columns.customer_name).toBe("Larkspur Property LLC");
    expect(columns.customer_first_name).toBe(first);
  });
});
