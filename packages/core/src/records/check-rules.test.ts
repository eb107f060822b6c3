import { describe, expect, it } from "vitest";
import { checkMapping } from "./check-mapping.js";
import { checkRules } from "./check-rules.js";
import { defaultRules } from "./company-rules.js";
import { noCustomColumns } from "./custom-columns.js";
import { shippedCatalog } from "./definitions/definitions.js";

describe("The rules of a company", () => {
  it.each([[undefined], [null], [{}], [{ phones: undefined }]])("have defaults for %j", (given) => {
    expect(checkRules(shippedCatalog, given, noCustomColumns)).toEqual({ rules: defaultRules, issues: [] });
  });

  it("use what the company sets", () => {
    const { columns } = checkMapping(shippedCatalog, { member: { gate_code: () => "1" } });
    const given = { phones: "reject", alsoRequired: { member: ["gate_code", "unit"] } };
    expect(checkRules(shippedCatalog, given, columns)).toEqual({
      rules: {
        ...defaultRules,
        phones: "reject",
        alsoRequired: { member: ["gate_code", "unit"] },
      },
      issues: [],
    });
  });

  it("list every problem with its place", () => {
    const given = {
      phones: "strict",
      splitCompanyNames: "yes",
      negativTotal: "warn",
      alsoRequired: { member: "unit", invoices: [] },
    };
    expect(checkRules(shippedCatalog, given, noCustomColumns).issues.toSorted()).toEqual([
      "rules.alsoRequired.invoices: unknown rule or option",
      "rules.alsoRequired.member: expected a list of column names",
      "rules.negativTotal: unknown rule or option",
      "rules.phones: expected one of off, warn, reject",
      "rules.splitCompanyNames: expected true or false",
    ]);
  });

  it("cannot require a column that does not exist", () => {
    const given = { alsoRequired: { member: ["zone"], invoice: ["zone"] } };
    expect(checkRules(shippedCatalog, given, noCustomColumns).issues).toEqual([
      "rules.alsoRequired.member: unknown column zone",
    ]);
  });
});
