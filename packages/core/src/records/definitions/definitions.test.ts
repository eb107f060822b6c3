import { describe, expect, it, test } from "vitest";
import { customers } from "../../feeds/customers.js";
import { invoices } from "../../feeds/invoices.js";
import { jobs } from "../../feeds/jobs.js";
import { locations } from "../../feeds/locations.js";
import { zones } from "../../feeds/zones.js";
import { defineJoin, many, one, rootsOf } from "./define-join.js";
import { invoiceDefinition, memberDefinition } from "./definitions.js";
import { expansionsOf, feedsBehind, feedsBesideDriver, touchesBy } from "./reach.js";

describe("a member", () => {
  it("is queued by its customer, contacts and memberships, and by membership types", () => {
    expect(Object.fromEntries(touchesBy(memberDefinition))).toEqual({
      customers: [{ feed: "customers", link: null }],
      "customer-contacts": [{ feed: "customers", link: "customer" }],
      memberships: [{ feed: "customers", link: "customer" }],
      "membership-types": [{ feed: "membership-types", link: null }],
    });
    expect(expansionsOf(memberDefinition)).toEqual([
      {
        feed: "membership-types",
        child: "memberships",
        childLink: "type",
        target: { feed: "customers", link: "customer" },
      },
    ]);
  });
});

describe("an invoice", () => {
  it("is reached from every related feed, the farthest first", () => {
    const related = ["customers", "customer-contacts", "jobs", "appointments", "locations", "zones"];
    expect(feedsBesideDriver(invoiceDefinition)).toEqual(related);
    const toInvoices = (feed: string, link: string) => {
      return { feed, child: "invoices", childLink: link, target: null };
    };
    expect(expansionsOf(invoiceDefinition)).toEqual([
      {
        feed: "appointments",
        child: "jobs",
        childLink: "firstAppointment",
        target: null,
      },
      { feed: "zones", child: "locations", childLink: "zone", target: null },
      toInvoices("customers", "customer"),
      toInvoices("jobs", "job"),
      toInvoices("locations", "location"),
    ]);
  });

  it("needs the feeds that lead to what it reads", () => {
    expect(feedsBehind(invoiceDefinition, "invoice")).toEqual(["invoices"]);
    expect(feedsBehind(invoiceDefinition, "zone")).toEqual(["locations", "zones"]);
    // The contacts of an invoice's customer are known without that customer.
    expect(feedsBehind(invoiceDefinition, "contacts")).toEqual(["customer-contacts"]);
  });
});

test("roots of column paths are the driver, the relations and the chosen items of lists", () => {
  const isList = Object.entries(rootsOf(memberDefinition)).map(([name, root]) => [name, root.isList]);
  expect(Object.fromEntries(isList)).toEqual({
    customer: false,
    contacts: true,
    memberships: true,
    membershipTypes: true,
    membership: false,
    membershipType: false,
  });
});

test("a relation that names no link between the two feeds does not compile", () => {
  const base = { driver: invoices, driverName: "invoice" } as const;
  const definitions = [
    // @ts-expect-error An invoice has no link of this name.
    () => defineJoin({ ...base, relations: { zone: one(zones, { of: "invoice", link: "zone" }) } }),
    // @ts-expect-error This link of an invoice points into another feed.
    () => defineJoin({ ...base, relations: { job: one(jobs, { of: "invoice", link: "location" }) } }),
    // @ts-expect-error There is no relation of this name.
    () => defineJoin({ ...base, relations: { zone: one(zones, { of: "place", link: "zone" }) } }),
    // @ts-expect-error A zone names no invoice.
    () => defineJoin({ ...base, relations: { zones: many(zones, { of: "invoice", link: "invoice" }) } }),
  ];
  expect(definitions).toHaveLength(4);
});

test("two relations of one feed queue what either of them needs", () => {
  const definition = defineJoin({
    driver: jobs,
    driverName: "job",
    relations: {
      customer: one(customers, { of: "job", link: "customer" }),
      mergedInto: one(customers, { of: "customer", link: "mergedInto" }),
    },
  });
  expect(feedsBesideDriver(definition)).toEqual(["customers"]);
  expect(expansionsOf(definition).map((step) => step.child)).toEqual(["customers", "jobs"]);
});

test("a list of lists is refused: nothing would lead from its entities to the record", () => {
  const definition = defineJoin({
    driver: customers,
    driverName: "customer",
    relations: {
      locations: many(locations, { of: "customer", link: "customer" }),
      invoices: many(invoices, { of: "locations", link: "location" }),
    },
  });
  expect(() => touchesBy(definition)).toThrow(/"invoices" is a list of the list "locations"/);
});
