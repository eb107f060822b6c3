import { invoiceColumns, memberColumns } from "./column-names.js";
import type { CompanyRules, MapOutcome, RuleBreach } from "./joined.js";
import type { Amount } from "./money.js";
import type { CoreRecord, HostRecord, InvoiceRecord, MemberRecord } from "./record.js";

const optionalColumns = [
  "hub_plus_import_id",
  "customer_id",
  "customer_name",
  "customer_first_name",
  "customer_last_name",
  "customer_phone_numbers",
  "customer_phone_number_primary",
  "unit",
  "country",
];
const optionalMemberColumns = [...optionalColumns, "active_member", "membership_type", "current_status"];
const optionalInvoiceColumns = [
  ...optionalColumns,
  "invoice_summary",
  "job_number",
  "job_type",
  "zone",
  "summary",
];

const addressParts = ["zip", "street", "city", "state"] as const;

/** Required columns with a rule of their own, which reports them. */
const ruledColumns: readonly string[] = [...addressParts, "total"];

const requiredMemberColumns = memberColumns.filter(isRequired(optionalMemberColumns));
const requiredInvoiceColumns = invoiceColumns.filter(isRequired(optionalInvoiceColumns));

/** Holds a mapped member against the rules; all that it breaks are reported at once. */
export function judgeMember(record: MemberRecord): MapOutcome<MemberRecord> {
  return outcomeOf(
    record,
    [namesBreach(record), addressBreach(record), requiredBreach(record, requiredMemberColumns)],
    [],
  );
}

/**
 * Holds a mapped invoice against the rules; all that it breaks are reported at once.
 *
 * @param total - What was read of the invoice's total.
 */
export function judgeInvoice(
  record: InvoiceRecord,
  total: Amount,
  rules: CompanyRules,
): MapOutcome<InvoiceRecord> {
  return outcomeOf(
    record,
    [
      namesBreach(record),
      addressBreach(record),
      totalBreach(total, rules),
      requiredBreach(record, requiredInvoiceColumns),
    ],
    [negativeTotalWarning(total)],
  );
}

function outcomeOf<Kind extends HostRecord>(
  record: Kind,
  checks: readonly (RuleBreach | null)[],
  warnings: readonly (RuleBreach | null)[],
): MapOutcome<Kind> {
  const breaches = checks.filter((breach) => breach !== null);
  if (breaches.length > 0) return { kind: "rejected", breaches };
  return { kind: "record", record, warnings: warnings.filter((warning) => warning !== null) };
}

function namesBreach(record: CoreRecord): RuleBreach | null {
  if (record.customer_name !== null) return null;
  const customer = record.customer_id === null ? "the customer" : `customer ${record.customer_id}`;
  return { rule: "names", message: `${customer} has no name` };
}

function addressBreach(record: CoreRecord): RuleBreach | null {
  const missing = addressParts.filter((part) => record[part] === null);
  return missing.length === 0
    ? null
    : { rule: "address", message: `the address lacks ${missing.join(", ")}` };
}

function totalBreach(total: Amount, rules: CompanyRules): RuleBreach | null {
  switch (total.kind) {
    case "missing":
      return { rule: "total", message: "total is missing" };
    case "not-numeric":
      return { rule: "total", message: "total is not a number" };
    case "decimal":
      return total.negative && rules.negativeTotal === "reject"
        ? { rule: "total", message: "total is negative, which the company's rules reject" }
        : null;
  }
}

function negativeTotalWarning(total: Amount): RuleBreach | null {
  return total.kind === "decimal" && total.negative
    ? { rule: "negative-total", message: "total is negative: a credit" }
    : null;
}

function requiredBreach<Kind extends HostRecord>(
  record: Kind,
  columns: readonly (keyof Kind & string)[],
): RuleBreach | null {
  const empty = columns.filter((column) => record[column] === null || record[column] === "");
  return empty.length === 0 ? null : { rule: "required", message: `required and empty: ${empty.join(", ")}` };
}

function isRequired(optional: readonly string[]): (column: string) => boolean {
  return (column) => !optional.includes(column) && !ruledColumns.includes(column);
}
