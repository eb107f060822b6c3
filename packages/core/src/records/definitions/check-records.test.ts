import { describe, expect, it, test } from "vitest";
import { z } from "zod";
import { customers } from "../../feeds/customers.js";
import { defineFeed } from "../../feeds/feed.js";
import { id, optionalId, text } from "../../feeds/fields.js";
import { invoices } from "../../feeds/invoices.js";
import { issuesOfRecords } from "./check-records.js";
import { many, one } from "./define-join.js";
import { memberDefinition } from "./definitions.js";
import { defineRecord } from "./own-record.js";

const technicians = defineFeed({
  name: "technicians",
  module: "settings",
  path: "technicians",
  scope: "tn.stg.technicians:r",
  schema: z.object({ id, name: text, modifiedOn: text }),
  fields: { always: "id name active createdOn modifiedOn", sometimes: "email" },
});

const technician = defineRecord({
  type: "technician",
  driver: technicians,
  driverName: "technician",
  relations: {},
  columns: { name: { from: "`technician.name`", reads: ["technician.name"] } },
  map: ({ technician }) => ({ name: technician.name }),
});

describe("a host's own record types", () => {
  it("are valid if their types and drivers are unique", () => {
    expect(issuesOfRecords([])).toEqual([]);
    expect(issuesOfRecords([technician])).toEqual([]);
  });

  it("must be what defineRecord returned", () => {
    expect(issuesOfRecords([technician, {}, null, { ...technician, driver: {} }])).toEqual([
      "records[1]: pass what defineRecord returned",
      "records[2]: pass what defineRecord returned",
      "records[3]: pass what defineRecord returned",
    ]);
  });

  it("must have unique types and drivers, including this library's", () => {
    expect(issuesOfRecords([{ ...technician, type: "member" }])).toContain("records: two are of type member");
    const issues = issuesOfRecords([technician, { ...technician, type: "mechanic" }, memberDefinition]);
    expect(issues).toContain("records: only one record can be made of technicians, not two");
    expect(issues).toContain("records: only one record can be made of customers, not two");
  });

  it("must have names that are valid for tables and files, with all problems listed at once", () => {
    const columns = { Name: { from: "", reads: [] }, revision: { from: "", reads: [] } };
    const issues = issuesOfRecords([
      { ...technician, type: "Technician", columns, ruleNames: ["names", "own", "own"] },
      { ...technician, type: "empty", driver: { ...technicians, name: "both" }, columns: {} },
    ]);
    expect(issues.map((issue) => issue.replace(/:.*/s, ""))).toEqual(
      [
        "records",
        "the feed both",
        "records.Technician",
        "records.Technician.columns.Name",
        "records.Technician.columns.revision",
        "records.Technician.rules",
        "records.Technician.rules",
        "records.empty.columns",
      ].slice(1),
    );
  });

  it("must read existing fields and follow existing relations", () => {
    const columns = { name: { from: "", reads: ["mechanic.name"] } };
    expect(issuesOfRecords([{ ...technician, columns }])).toEqual([
      'records.technician: There is no relation "mechanic".',
    ]);
    const relations = { technician: many(invoices, { of: "technician", link: "technician" }) };
    expect(issuesOfRecords([{ ...technician, relations, erasedBy: "links" }])).toContain(
      "records.technician.relations.technician: has the driver's name",
    );
  });

  it("made of customers' rows must have a column customer_id, or state that an erasure only uses links", () => {
    const payments = defineFeed({
      name: "payments",
      module: "accounting",
      path: "payments",
      scope: "tn.acc.payments:r",
      schema: z.object({ id, total: text, customerId: optionalId }),
      fields: { always: "id total customerId", sometimes: "" },
      links: { customer: { feed: "customers", field: "customerId" } },
    });
    const payment = {
      type: "payment",
      driver: payments,
      driverName: "payment",
      relations: { customer: one(customers, { of: "payment", link: "customer" }) },
      columns: { total: { from: "`payment.total`", reads: ["payment.total"] } },
      map: () => ({ total: "1" }),
    } as const;
    expect(issuesOfRecords([defineRecord(payment)])).toEqual([
      expect.stringMatching(
        /^records.payment.columns: rows of payments, customers are customers.*customer_id/,
      ),
    ]);
    expect(issuesOfRecords([defineRecord({ ...payment, erasedBy: "links" })])).toEqual([]);
    const withId = { customer_id: { from: "", reads: ["payment.customerId"] } } as const;
    expect(
      issuesOfRecords([defineRecord({ ...payment, columns: withId, map: () => ({ customer_id: "1" }) })]),
    ).toEqual([]);
  });
});

describe("a host's own feed", () => {
  const issuesOf = (changes: object) =>
    issuesOfRecords([{ ...technician, driver: { ...technicians, ...changes } }]);

  test("with the name of another one is refused", () => {
    expect(issuesOf({ name: "customers" })).toContain("records: two different feeds are called customers");
    expect(issuesOf({ name: "Technicians" })[0]).toMatch(/^the feed Technicians: expected a name/);
  });

  test("must have an id, and name each field once", () => {
    const fields = { always: ["id", "name", "name"], sometimes: [] };
    expect(issuesOf({ fields, schema: z.object({ name: text, email: text }) })).toEqual([
      "the feed technicians: its schema names no id",
      "the feed technicians: its schema names email, which its fields do not",
      "the feed technicians: its fields name name twice",
    ]);
  });

  test("must have links to feeds of the instance, no more than storages can keep", () => {
    const link = (name: string, feed: string) => ({ name, feed, field: name, id: () => null });
    expect(issuesOf({ links: [link("team", "teams")] })).toEqual([
      "the feed technicians: its link team leads to teams, of which no record is made",
    ]);
    const links = ["a", "b", "c", "d"].map((name) => link(name, "zones"));
    expect(issuesOf({ links })).toEqual(["the feed technicians has 4 links, at most 3 are kept"]);
  });

  test("whose rows name a customer must have a link by which an erasure finds them", () => {
    const fields = { always: ["id", "name", "modifiedOn", "customerId"], sometimes: [] };
    expect(issuesOf({ fields })).toEqual([
      expect.stringMatching(/its rows name a customer \(customerId\): add a link to customers/),
    ]);
  });

  test("can be read in parallel only if its list is sorted", () => {
    expect(issuesOf({ listEqualsExport: true })).toEqual([
      'the feed technicians: listEqualsExport needs listSort: "+Id"',
    ]);
  });
});
