import { describe, expect, it } from "vitest";
import {
  someContext,
  someCustomer,
  someInvoice,
  someInvoiceRow,
  someMember,
} from "./__fixtures__/entities.js";
import { type CompanyRules, defaultRules } from "./company-rules.js";
import { mapInvoice } from "./map-invoice.js";
import { mapMember } from "./map-member.js";
import type { MapOutcome } from "./map-outcome.js";
import { isPlausibleEmail, isPlausiblePhone } from "./plausible.js";
import type { HostRecord } from "./record.js";
import { ruleList } from "./rules.js";

type Given = (rules: CompanyRules) => MapOutcome<HostRecord>;

const contactOf = (type: string, value: string, active = true) => ({
  id: 8,
  customerId: 41,
  type,
  value,
  active,
});
const member =
  (changes: Parameters<typeof someMember>[0]): Given =>
  (rules) =>
    mapMember(someMember(changes), someContext({ company: { rules } }));
const invoice =
  (changes: Parameters<typeof someInvoiceRow>[0], contacts: ReturnType<typeof contactOf>[] = []): Given =>
  (rules) =>
    mapInvoice(
      someInvoice({ invoice: someInvoiceRow(changes), contacts }),
      someContext({ company: { rules } }),
    );

/** An invoice with its own date that nothing is wrong with. */
const appointmentAt =
  (start: string | null): Given =>
  (rules) =>
    mapInvoice(someInvoice({ firstAppointment: { id: 51, start } }), someContext({ company: { rules } }));

/** Something that breaks each rule, and nothing else. The runs of the fixtures start on 2024-11-30. */
const broken: readonly (readonly [keyof CompanyRules, string, Given])[] = [
  ["names", "a member without a name", member({ customer: someCustomer({ name: "" }) })],
  ["address", "a member without an address", member({ customer: someCustomer({ address: null }) })],
  ["total", "an invoice without a total", invoice({ total: null })],
  ["total", "an invoice whose total is no number", invoice({ total: "1e3" })],
  ["negativeTotal", "a credit", invoice({ total: "-5.00" })],
  ["required", "an invoice without a date", invoice({ invoiceDate: null })],
  ["dates", "an invoice of 1989", invoice({ invoiceDate: "1989-12-31T00:00:00Z" })],
  ["dates", "an invoice in two years and a day", invoice({ invoiceDate: "2026-12-01T00:00:00Z" })],
  ["dates", "an appointment in its own format", appointmentAt("06/01/2024 3:00 PM")],
  ["dates", "an appointment on a day that no calendar has", appointmentAt("2024-02-30T00:00:00Z")],
  ["phones", "a member's phone of six digits", member({ contacts: [contactOf("Phone", "555-014")] })],
  ["phones", "an invoice's phone of one digit", invoice({}, [contactOf("Phone", "000 000 0000")])],
  [
    "emails",
    "a member's email address without a domain",
    member({ contacts: [contactOf("Email", "jane@")] }),
  ],
];

describe.each(broken)("The rule %s, broken by %s,", (setting, _what, map) => {
  const rule = ruleList.find((candidate) => candidate.setting === setting);

  it("lets it pass if off", () => {
    expect(map({ ...defaultRules, [setting]: "off" })).toMatchObject({ kind: "record", warnings: [] });
  });

  it("delivers with a warning if set to warn", () => {
    expect(map({ ...defaultRules, [setting]: "warn" })).toMatchObject({
      kind: "record",
      warnings: [{ rule: rule?.warnsAs }],
    });
  });

  it("rejects if set to reject", () => {
    expect(map({ ...defaultRules, [setting]: "reject" })).toMatchObject({
      kind: "rejected",
      violations: [{ rule: rule?.rejectsAs }],
    });
  });

  it("has its documented level by default", () => {
    const outcome = map(defaultRules);
    expect(outcome.kind).toBe(defaultRules[setting] === "reject" ? "rejected" : "record");
  });
});

describe("The rules by default", () => {
  it.each<readonly [string, Given]>([
    ["the API's zero date as an appointment", invoice({ invoiceDate: "2024-03-01T00:00:00Z" })],
    ["an appointment without a start", appointmentAt(null)],
    ["an appointment whose start is blank", appointmentAt(" ")],
    ["the API's zero date as its start", appointmentAt("0001-01-01T00:00:00Z")],
    ["a date of 1990", invoice({ invoiceDate: "1990-01-01T00:00:00Z" })],
    ["a date in two years less a day", invoice({ invoiceDate: "2026-11-29T00:00:00Z" })],
    ["a phone with an extension", member({ contacts: [contactOf("Phone", "555-0142 x1234567890123")] })],
    ["an inactive email contact", member({ contacts: [contactOf("Email", "nonsense", false)] })],
    ["a fax that is none", member({ contacts: [contactOf("Fax", "none")] })],
  ])("say nothing about %s", (_what, map) => {
    expect(map(defaultRules)).toMatchObject({ kind: "record", warnings: [] });
  });

  it("report an appointment's start that cannot be read: the invoice's date silently replaced it", () => {
    expect(appointmentAt("06/01/2024 3:00 PM")(defaultRules)).toMatchObject({
      record: { first_appointment: "2024-03-01 00:00:00" },
      warnings: [
        {
          rule: "dates",
          message: "first_appointment is not the appointment's, whose start is not a date",
        },
      ],
    });
  });

  it("require further columns if the company does", () => {
    const rules = { ...defaultRules, alsoRequired: { member: ["unit", "unit", "trade"], invoice: [] } };
    expect(member({})(rules)).toEqual({
      kind: "rejected",
      violations: [{ rule: "required", message: "required and empty: unit" }],
    });
  });
});

describe("Plausibility", () => {
  it.each(["(630) 555-0142", "+44 20 7946 0958", "555-0142", "555-0142 ext. 12", "123456789012345"])(
    "finds %s to be a phone number",
    (phone) => {
      expect(isPlausiblePhone(phone)).toBe(true);
    },
  );

  it.each(["", "call Jane", "555014", "1234567890123456", "(000) 000-0000", "x1234567"])(
    "finds %s to be none, or an extension alone",
    (phone) => {
      expect(isPlausiblePhone(phone)).toBe(phone === "x1234567");
    },
  );

  it.each([
    ["jane@example.com", true],
    ["o'brien+tag@mail.example.co", true],
    ["jane@localhost", false],
    ["jane example.com", false],
    ["jane@@example.com", false],
    ["jane@example..com", false],
    ["a@b.c, d@e.f", false],
    [`${"a".repeat(65)}@example.com`, false],
  ])("of the email address %s is %s", (email, plausible) => {
    expect(isPlausibleEmail(email)).toBe(plausible);
  });
});
