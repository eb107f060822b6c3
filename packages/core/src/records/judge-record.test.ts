import { describe, expect, it } from "vitest";
import {
  someContext,
  someCustomer,
  someInvoice,
  someInvoiceRow,
  someMember,
} from "./__fixtures__/entities.js";
import { defaultRules } from "./company-rules.js";
import { mapInvoice } from "./map-invoice.js";
import { mapMember } from "./map-member.js";
import type { MapOutcome, RuleViolation } from "./map-outcome.js";
import type { HostRecord } from "./record.js";

const address = { street: "27 Elm Ct", city: "Aurora", state: "IL", zip: "60505" };

describe("The rules of members", () => {
  it.each<[string, readonly RuleViolation[], Parameters<typeof someCustomer>[0]]>([
    ["a name is missing", [{ rule: "names", message: "customer 41 has no name" }], { name: " \u00a0" }],
    [
      "a part of the address is missing",
      [{ rule: "address", message: "the address lacks city" }],
      { address: { ...address, city: "" } },
    ],
    [
      "several parts of the address are missing",
      [{ rule: "address", message: "the address lacks zip, state" }],
      { address: { ...address, zip: null, state: " " } },
    ],
    [
      "the address is null",
      [{ rule: "address", message: "the address lacks zip, street, city, state" }],
      { address: null },
    ],
  ])("reject when %s", (_what, violations, changes) => {
    const outcome = mapMember(someMember({ customer: someCustomer(changes) }), someContext());
    expect(outcome).toEqual({ kind: "rejected", violations });
  });

  it.each([[null], [""], [" "]])("reject if the host passes %j as trade", (trade) => {
    expect(mapMember(someMember(), someContext({ company: { trade } }))).toEqual({
      kind: "rejected",
      violations: [{ rule: "required", message: "required and empty: trade" }],
    });
  });

  it("allow every optional column to be empty", () => {
    const outcome = mapMember(
      someMember({ customer: someCustomer({ type: "Commercial" }) }),
      someContext({ drained: new Set(), company: { importId: null } }),
    );
    expect(outcome).toMatchObject({
      kind: "record",
      record: {
        customer_first_name: null,
        customer_last_name: null,
        customer_phone_numbers: null,
        customer_phone_number_primary: null,
        unit: null,
        active_member: null,
        membership_type: null,
        current_status: null,
        hub_plus_import_id: null,
      },
      warnings: [],
    });
  });
});

describe("The rules of invoices", () => {
  it.each<[string, readonly RuleViolation[], Parameters<typeof someInvoiceRow>[0]]>([
    ["the total is missing", [{ rule: "total", message: "total is missing" }], { total: null }],
    ["the total is blank", [{ rule: "total", message: "total is missing" }], { total: " " }],
    ["the total is not numeric", [{ rule: "total", message: "total is not a number" }], { total: "(5.00)" }],
    [
      "the first appointment is missing",
      [{ rule: "required", message: "required and empty: first_appointment" }],
      { invoiceDate: "0001-01-01T00:00:00Z" },
    ],
  ])("reject when %s", (_what, violations, changes) => {
    const outcome = mapInvoice(someInvoice({ invoice: someInvoiceRow(changes) }), someContext());
    expect(outcome).toEqual({ kind: "rejected", violations });
  });

  it("reject a missing name by the customer's id, or without an id if there is none", () => {
    const nameless = someInvoice({
      customer: null,
      invoice: someInvoiceRow({ customer: { id: 77, name: "" } }),
    });
    const unknown = someInvoice({ customer: null, invoice: someInvoiceRow({ customer: null }) });
    expect(messagesOf(mapInvoice(nameless, someContext()))).toEqual(["customer 77 has no name"]);
    expect(messagesOf(mapInvoice(unknown, someContext()))).toEqual(["the customer has no name"]);
  });

  it("report every broken rule at once, by fields and ids and never by values", () => {
    const invoice = someInvoiceRow({
      total: "secret-total",
      invoiceDate: "secret-date",
      customer: { id: 77, name: null },
      locationAddress: { street: "secret street", city: null, state: "secret state", zip: "" },
    });
    const outcome = mapInvoice(
      someInvoice({ customer: null, invoice }),
      someContext({ company: { trade: null } }),
    );
    expect(outcome).toEqual({
      kind: "rejected",
      violations: [
        { rule: "names", message: "customer 77 has no name" },
        { rule: "address", message: "the address lacks zip, city" },
        { rule: "total", message: "total is not a number" },
        { rule: "required", message: "required and empty: trade, first_appointment" },
      ],
    });
  });

  it("allow a zero total without a warning", () => {
    const outcome = mapInvoice(someInvoice({ invoice: someInvoiceRow({ total: "-0.00" }) }), someContext());
    expect(outcome).toMatchObject({ kind: "record", record: { total: "0.00" }, warnings: [] });
  });

  it("warn about a negative total, or reject it if the company's rules say so", () => {
    const joined = someInvoice({ invoice: someInvoiceRow({ total: "-126.44" }) });
    const rules = { ...defaultRules, negativeTotal: "reject" } as const;
    expect(mapInvoice(joined, someContext())).toMatchObject({
      kind: "record",
      record: { total: "-126.44" },
      warnings: [{ rule: "negative-total", message: "total is negative: a credit" }],
    });
    expect(mapInvoice(joined, someContext({ company: { rules } }))).toEqual({
      kind: "rejected",
      violations: [{ rule: "total", message: "total is negative, which the company's rules reject" }],
    });
  });

  it("allow every optional column to be empty", () => {
    const invoice = someInvoiceRow({ customer: null });
    expect(mapInvoice(someInvoice({ invoice }), someContext())).toMatchObject({
      kind: "record",
      record: {
        customer_id: null,
        customer_phone_numbers: null,
        customer_phone_number_primary: null,
        unit: null,
        job_number: null,
        job_type: null,
        invoice_summary: null,
        summary: null,
        zone: null,
      },
    });
  });
});

function messagesOf(outcome: MapOutcome<HostRecord>): readonly string[] {
  return outcome.kind === "rejected" ? outcome.violations.map(({ message }) => message) : [];
}
