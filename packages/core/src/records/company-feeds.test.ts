import { describe, expect, it } from "vitest";
import { checkCompany, companyIssues } from "../companies/company-profile.js";
import { shippedCatalog } from "./definitions/definitions.js";

describe("The feeds that a company leaves out", () => {
  it("are stored in order, without feeds that are on", () => {
    const profile = checkCompany(shippedCatalog, "acme", {
      trade: "HVAC",
      feeds: { zones: "off", memberships: "off", jobs: "on" },
      acceptAbsent: ["customer-contacts.value", "customers.address.unit"],
    });
    expect(profile.feedsOff).toEqual(["memberships", "zones"]);
    expect(profile.acceptAbsent).toEqual(["customer-contacts.value", "customers.address.unit"]);
  });

  it("cannot be driver feeds or unknown ones: every mistake is reported at once", () => {
    const issues = companyIssues({
      trade: null,
      feeds: { customers: "off", invoices: "off", membership: "off", jobs: "maybe" as "off" },
      acceptAbsent: ["customer-contacts.phone", "contacts.value", "customers.id", "customers.address."],
    });
    expect(issues).toEqual([
      "feeds.customers: this feed provides the records and is always read",
      "feeds.invoices: this feed provides the records and is always read",
      expect.stringMatching(/^feeds\.membership: unknown feed, expected one of customer-contacts, /),
      "feeds.jobs: expected one of on, off",
      "acceptAbsent: unknown field customer-contacts.phone",
      "acceptAbsent: unknown field contacts.value",
      "acceptAbsent: unknown field customers.id",
      "acceptAbsent: unknown field customers.address.",
    ]);
    const shapes = companyIssues({
      trade: null,
      feeds: ["jobs"] as unknown as Record<string, "off">,
      acceptAbsent: "customers.name" as unknown as readonly string[],
    });
    expect(shapes).toHaveLength(2);
  });

  it("can be all related feeds", () => {
    const all = [...shippedCatalog.feeds.keys()];
    expect(shippedCatalog.related).toEqual(all.filter((feed) => !["customers", "invoices"].includes(feed)));
    expect(shippedCatalog.related).toContain("appointments");
  });
});
