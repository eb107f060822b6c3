import { describe, expect, it } from "vitest";
import {
  someContext,
  someCustomer,
  someInvoice,
  someInvoiceRow,
  someMember,
} from "./__fixtures__/entities.js";
import { checkMapping } from "./check-mapping.js";
import { memberColumns } from "./column-names.js";
import type { CompanyMapping } from "./company-mapping.js";
import { shippedCatalog } from "./definitions/definitions.js";
import { mapInvoice } from "./map-invoice.js";
import { mapMember } from "./map-member.js";
import { recordHash } from "./record-content.js";

const customFields = [{ name: "Gate code", value: " 47\u00a011 " }];
const member = someMember({ customer: { ...someCustomer(), customFields, paymentTermId: 7 } });

describe("A mapping of members", () => {
  it("adds columns by path and by function, as clean text", () => {
    const outcome = membersBy({
      gate_code: "customer.customFields[name=Gate code].value",
      terms: "customer.paymentTermId",
      is_active: "customer.active",
      size: ({ contacts }) => contacts.length,
      nothing: () => undefined,
    });
    expect(outcome).toMatchObject({
      kind: "record",
      record: { gate_code: "47 11", terms: "7", is_active: "true", size: "0", nothing: null },
    });
  });

  it("reads the membership that represents the customer", () => {
    const memberships = [
      { id: 1, customerId: 41, status: "Expired", membershipTypeId: 5, memo: "old" },
      { id: 2, customerId: 41, status: "Active", membershipTypeId: 6, memo: "good" },
    ];
    const membershipTypes = [{ id: 6, name: "Gold", displayName: "Gold!" }];
    const { columns } = checkMapping(shippedCatalog, {
      member: { memo: "membership.memo", plan: "membershipType.displayName" },
    });
    const joined = someMember({ memberships, membershipTypes });
    expect(mapMember(joined, someContext({ company: { columns } }))).toMatchObject({
      record: { memo: "good", plan: "Gold!" },
    });
  });

  it("lets first and last name and active_member follow from what it fills", () => {
    expect(membersBy({ customer_name: () => "Ada  Lovelace", current_status: () => "good" })).toMatchObject({
      record: {
        customer_name: "Ada Lovelace",
        customer_first_name: "Ada",
        customer_last_name: "Lovelace",
        current_status: "Active",
        active_member: "Yes",
      },
    });
    expect(
      membersBy({
        customer_name: () => null,
        customer_first_name: () => "Ada",
        customer_last_name: () => "Byron",
      }),
    ).toMatchObject({ record: { customer_name: "Ada Byron" } });
  });

  it("prints filled columns in the column's format, and others as configured", () => {
    const { columns, issues } = checkMapping(shippedCatalog, {
      member: {
        customer_phone_number_primary: () => "6305550142",
        country: () => "usa",
        notes: { from: () => "<p>a</p><p>b</p>", as: "html" },
        since: { from: () => "2024-07-01T01:30:00Z", as: "date-time" },
        born: { from: () => "2024-07-01T01:30:00Z", as: "date" },
        fax: { from: () => "6305550143", as: "phone" },
      },
    });
    expect(issues).toEqual([]);
    expect(
      mapMember(member, someContext({ company: { columns, timeZone: "America/Chicago" } })),
    ).toMatchObject({
      record: {
        customer_phone_number_primary: "(630) 555-0142",
        country: "US",
        notes: "a\nb",
        since: "2024-06-30 20:30:00",
        born: "2024-07-01 01:30:00",
        fax: "(630) 555-0143",
      },
    });
  });

  it("rejects a record whose columns cannot be made, naming the columns and no value", () => {
    const outcome = membersBy({
      one: () => {
        throw new TypeError("secret of Jane");
      },
      two: "customer.customFields",
      three: (() => ({ secret: 1 })) as never,
    });
    expect(outcome).toEqual({
      kind: "rejected",
      violations: [
        {
          rule: "mapping",
          message:
            "the mapping of one: the function failed with TypeError; two: a list is not a value; three: an object is not a value",
        },
      ],
    });
  });

  it("is part of a record's content", () => {
    const [one, other] = ["1", "2"].map((code) => membersBy({ code: () => code }));
    if (one?.kind !== "record" || other?.kind !== "record")
      throw new Error("A flawless member was rejected.");
    expect(recordHash(one.record, memberColumns)).not.toBe(recordHash(other.record, memberColumns));
  });

  function membersBy(columns: NonNullable<CompanyMapping["member"]>) {
    const checked = checkMapping(shippedCatalog, { member: columns });
    expect(checked.issues).toEqual([]);
    return mapMember(member, someContext({ company: { columns: checked.columns } }));
  }
});

describe("A mapping of invoices", () => {
  it.each([
    ["$1,234.50", "1234.50"],
    [12.5, "12.5"],
  ])("may fill the total with %j, which is read digit by digit", (given, total) => {
    expect(invoicesBy({ total: () => given })).toMatchObject({ kind: "record", record: { total } });
  });

  it("allows no total that is not a number", () => {
    expect(invoicesBy({ total: () => "(5.00)" })).toEqual({
      kind: "rejected",
      violations: [{ rule: "total", message: "total is not a number" }],
    });
  });

  it.each([
    ["2024-03-01T12:00:00Z", "2024-03-01 06:00:00"],
    ["spring", "spring"],
  ])("prints a first appointment of %s as %s", (given, printed) => {
    expect(invoicesBy({ first_appointment: () => given })).toMatchObject({
      record: { first_appointment: printed },
    });
  });

  it("may set a trade for each invoice", () => {
    const job = { id: 1, number: "J1", type: "Drain Cleaning" };
    const { columns } = checkMapping(shippedCatalog, {
      invoice: { trade: ({ invoice }) => (invoice.job?.type?.startsWith("Drain") ? "Plumbing" : "HVAC") },
    });
    const joined = someInvoice({ invoice: someInvoiceRow({ job }) });
    expect(mapInvoice(joined, someContext({ company: { columns } }))).toMatchObject({
      record: { trade: "Plumbing" },
    });
  });

  function invoicesBy(columns: NonNullable<CompanyMapping["invoice"]>) {
    const checked = checkMapping(shippedCatalog, { invoice: columns });
    expect(checked.issues).toEqual([]);
    const company = { columns: checked.columns, timeZone: "America/Chicago" };
    return mapInvoice(someInvoice(), someContext({ company }));
  }
});

describe("Checking a mapping", () => {
  it("lists every problem with its place", () => {
    const { issues } = checkMapping(shippedCatalog, {
      member: {
        Bad: "customer.name",
        tenant: "customer.name",
        revision: "customer.name",
        op: "customer.name",
        a: "customer.",
        b: "customers.name",
        c: "customer.customfields[0].value",
        d: "contacts.value",
        e: "contacts[kind=Email].value",
        f: "customer",
        g: { from: "customer.name", as: "money" as "text" },
        h: 5 as never,
        i: "contacts[type=Email].value",
      },
      invoice: { j: "membership.memo", k: "invoice.paidOnline" },
    });
    expect(issues).toEqual([
      expect.stringMatching(/^mapping\.member\.Bad: expected a column name/),
      "mapping.member.tenant: a mapping may not fill this column",
      "mapping.member.revision: a mapping may not fill this column",
      "mapping.member.op: a mapping may not fill this column",
      expect.stringMatching(/^mapping\.member\.a: "customer\." is not a path/),
      expect.stringMatching(/^mapping\.member\.b: a path begins with one of customer, contacts/),
      expect.stringMatching(/^mapping\.member\.c: .*customfields of customers; did you mean customFields\?$/),
      expect.stringMatching(/^mapping\.member\.d: contacts is a list: choose an element/),
      expect.stringMatching(/^mapping\.member\.e: .* does not document a field kind of customer-contacts/),
      "mapping.member.f: customer is not a value: name one of its fields",
      "mapping.member.g: as: expected one of text, html, date-time, date, phone",
      expect.stringMatching(/^mapping\.member\.h: expected a path, a function/),
      expect.stringMatching(/^mapping\.invoice\.j: a path begins with one of invoice, customer/),
      expect.stringMatching(/^mapping\.invoice\.k: .*paidOnline of invoices; a function can still read it/),
    ]);
  });
});
