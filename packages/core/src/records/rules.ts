import type { CustomerContact } from "../feeds/customer-contacts.js";
import { compareIds } from "../feeds/entity-id.js";
import { cleanText } from "./clean-text.js";
import type { CompanyRules, RuleLevel, RuleLevels } from "./company-rules.js";
import { type RecordColumn, requiredColumns } from "./definitions/define-record.js";
import { invoiceColumnSources } from "./definitions/invoice.js";
import { memberColumnSources } from "./definitions/member.js";
import type { Amount } from "./money.js";
import { dateFault, isPlausibleEmail, isPlausiblePhone } from "./plausible.js";
import type { InvoiceRecord, KnownRecordType, MemberRecord } from "./record.js";

/** What rules are held against. */
export interface Judged {
  readonly type: KnownRecordType;
  readonly record: MemberRecord | InvoiceRecord;
  /** The parsed total of an invoice; `null` for a member. */
  readonly total: Amount | null;
  /** The customer's contacts. */
  readonly contacts: readonly CustomerContact[];
  /** Whether the appointment's start is not a date, so that the invoice's own date replaces it. */
  readonly isStartUnreadable: boolean;
  readonly rules: CompanyRules;
  /** The run's start in epoch milliseconds. */
  readonly now: number;
}

/** One business rule. docs/records.md, which is generated from the rules, explains it. */
export interface Rule {
  /** Its name in a company's rules. */
  readonly setting: keyof RuleLevels;
  /** Its name in rejections. */
  readonly rejectsAs: string;
  /** Its name in warnings about a single record. */
  readonly warnsAs: string;
  readonly records: readonly KnownRecordType[];
  /** Its requirement, for people. */
  readonly asks: string;
  /** The run's warning about records that were still delivered. */
  readonly warning: { readonly code: string; readonly message: string };
  /** What is wrong, naming fields and ids but never values; `null` if nothing is. */
  readonly fault: (judged: Judged, level: RuleLevel) => string | null;
}

const both = ["member", "invoice"] as const;

const addressParts = ["zip", "street", "city", "state"] as const;

/** In the order in which a rejection lists what is broken. */
export const ruleList: readonly Rule[] = [
  {
    setting: "names",
    rejectsAs: "names",
    warnsAs: "names",
    records: both,
    asks: "A full, first or last name.",
    warning: { code: "MISSING_NAME", message: "Records without a name were delivered." },
    fault({ record }) {
      if (record.customer_name !== null) return null;
      const customer = record.customer_id === null ? "the customer" : `customer ${record.customer_id}`;
      return `${customer} has no name`;
    },
  },
  {
    setting: "address",
    rejectsAs: "address",
    warnsAs: "address",
    records: both,
    asks: "`zip`, `street`, `city` and `state`; the message lists every missing one.",
    warning: { code: "INCOMPLETE_ADDRESS", message: "Records with an incomplete address were delivered." },
    fault({ record }) {
      const missing = addressParts.filter((part) => record[part] === null);
      return missing.length === 0 ? null : `the address lacks ${missing.join(", ")}`;
    },
  },
  {
    setting: "total",
    rejectsAs: "total",
    warnsAs: "total",
    records: ["invoice"],
    asks: "A `total` that is a number. Zero is a number; `(5.00)`, `-$5` and `1e3` are not.",
    warning: { code: "MISSING_TOTAL", message: "Invoices without a usable total were delivered." },
    fault({ total }) {
      if (total === null || total.kind === "decimal") return null;
      return total.kind === "missing" ? "total is missing" : "total is not a number";
    },
  },
  {
    setting: "negativeTotal",
    rejectsAs: "total",
    warnsAs: "negative-total",
    records: ["invoice"],
    asks: "A `total` that is not below zero: a negative one is a credit.",
    warning: {
      code: "NEGATIVE_TOTAL",
      message: "Invoices with a negative total were delivered as credits.",
    },
    fault({ total }, level) {
      if (total?.kind !== "decimal" || !total.negative) return null;
      return level === "reject"
        ? "total is negative, which the company's rules reject"
        : "total is negative: a credit";
    },
  },
  {
    setting: "required",
    rejectsAs: "required",
    warnsAs: "required",
    records: both,
    asks: "A value in every required column that has no rule of its own, and in those of `alsoRequired`.",
    warning: { code: "MISSING_REQUIRED", message: "Records with empty required columns were delivered." },
    fault({ type, record, rules }) {
      const columns = record as unknown as Readonly<Record<string, unknown>>;
      const isEmpty = (column: string): boolean => (columns[column] ?? "") === "";
      const empty = new Set([
        ...unruledColumns[type].filter(isEmpty),
        ...(rules.alsoRequired[type] ?? []).filter(isEmpty),
      ]);
      return empty.size === 0 ? null : `required and empty: ${[...empty].join(", ")}`;
    },
  },
  {
    setting: "dates",
    rejectsAs: "dates",
    warnsAs: "dates",
    records: ["invoice"],
    asks: "A `first_appointment` not before 1990 and not more than two years after the run. ServiceTitan's zero dates count as missing, not as early. If the appointment has a start, it must be a date; otherwise the invoice's date is used.",
    warning: {
      code: "IMPLAUSIBLE_DATE",
      message: "Records with an implausible date, or with a fallback for an unreadable date, were delivered.",
    },
    fault({ record, isStartUnreadable, now }) {
      const date = "first_appointment" in record ? record.first_appointment : null;
      const implausible = date === null ? null : dateFault(date, now);
      const faults = [
        ...(isStartUnreadable ? ["is not the appointment's, whose start is not a date"] : []),
        ...(implausible === null ? [] : [implausible]),
      ];
      return faults.length === 0 ? null : `first_appointment ${faults.join(", and ")}`;
    },
  },
  {
    setting: "phones",
    rejectsAs: "phones",
    warnsAs: "phones",
    records: both,
    asks: "Phone numbers with 7 to 15 digits, not counting extensions, that are not all the same.",
    warning: {
      code: "IMPLAUSIBLE_PHONE",
      message: "Records with an implausible phone number were delivered.",
    },
    fault({ record }) {
      const phones = record.customer_phone_numbers?.split(", ") ?? [];
      return phones.every(isPlausiblePhone)
        ? null
        : "customer_phone_numbers contains an implausible phone number";
    },
  },
  {
    setting: "emails",
    rejectsAs: "emails",
    warnsAs: "emails",
    records: ["member"],
    asks: "Plausible email addresses in active contacts of type `Email`. No column contains them unless the company's mapping adds one.",
    warning: {
      code: "IMPLAUSIBLE_EMAIL",
      message: "Members with an implausible email address among their contacts were delivered.",
    },
    fault({ contacts }) {
      const wrong = contacts.filter(isImplausibleEmail).map((contact) => String(contact.id));
      if (wrong.length === 0) return null;
      return `implausible email address: contact ${wrong.sort(compareIds).join(", ")}`;
    },
  },
];

/** Required columns that their own rule reports. */
const ruledColumns: readonly string[] = [...addressParts, "total"];

/** The columns that the rule `required` reports. */
const unruledColumns: Readonly<Record<KnownRecordType, readonly string[]>> = {
  member: withoutRules(memberColumnSources),
  invoice: withoutRules(invoiceColumnSources),
};

function withoutRules(columns: Readonly<Record<string, RecordColumn>>): readonly string[] {
  return requiredColumns(columns).filter((column) => !ruledColumns.includes(column));
}

function isImplausibleEmail({ type, active, value }: CustomerContact): boolean {
  if (type !== "Email" || active === false) return false;
  const email = cleanText(value);
  return email !== null && !isPlausibleEmail(email);
}
