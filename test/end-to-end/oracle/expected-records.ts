import type { Row } from "@titan-sync/simulator";
import { addressColumns, businessDay, foldStatus, inside, localTime, phonesOf, splitName } from "./fields.js";
import type { TenantRows } from "./tenant-rows.js";
import { plain, readable } from "./text.js";

/** What a company told about itself. */
export interface OracleCompany {
  readonly companyId: string;
  readonly trade: string;
  readonly timeZone: string;
}

/** A record without `version`, which belongs to the run. */
export type ExpectedRecord = Readonly<Record<string, string | null>> & { readonly source_id: string };

export interface Expectation {
  /** In the order of their ids as numbers. */
  readonly records: readonly ExpectedRecord[];
  /** The rules that each rejected entity breaks, by id. */
  readonly rejected: ReadonlyMap<string, readonly string[]>;
}

const requiredAddress = ["street", "city", "state", "zip"];

/** What a member export must hold: the columns of the host's table, read again from the rules of the records. */
export function expectedMembers(rows: TenantRows, company: OracleCompany): Expectation {
  return judge(rows.all("customers"), (customer) => memberOf(customer, rows, company), requiredAddress);
}

/** What an invoice export must hold. */
export function expectedInvoices(rows: TenantRows, company: OracleCompany): Expectation {
  const active = rows.all("invoices").filter((invoice) => invoice["active"] !== false);
  return judge(active, (invoice) => invoiceOf(invoice, rows, company), [
    ...requiredAddress,
    "total",
    "first_appointment",
    "invoice_number",
  ]);
}

function judge(
  entities: readonly Row[],
  recordOf: (entity: Row) => ExpectedRecord,
  required: readonly string[],
): Expectation {
  const records: ExpectedRecord[] = [];
  const rejected = new Map<string, readonly string[]>();
  for (const entity of [...entities].sort((left, right) => left.id - right.id)) {
    const record = recordOf(entity);
    const rules = new Set(required.filter((column) => record[column] === null).map(ruleOf));
    if (record["customer_name"] === null) rules.add("names");
    if (rules.size === 0) records.push(record);
    else rejected.set(String(entity.id), [...rules].sort());
  }
  return { records, rejected };
}

function ruleOf(column: string): string {
  if (requiredAddress.includes(column)) return "address";
  return column === "total" ? "total" : "required";
}

function memberOf(customer: Row, rows: TenantRows, company: OracleCompany): ExpectedRecord {
  const membership = chosenMembership(rows.ofCustomer("memberships", customer.id));
  const type = rows.one("membership-types", membership?.["membershipTypeId"]);
  const status =
    membership === undefined
      ? customer["active"] === false
        ? "Inactive"
        : null
      : foldStatus(plain(membership["status"]));
  return {
    ...companyColumns(company),
    ...customerColumns(String(customer.id), plain(customer["name"]), customer["type"]),
    ...phoneColumns(rows.ofCustomer("customer-contacts", customer.id)),
    ...addressColumns(inside(customer, "address")),
    active_member: status?.toLowerCase() === "active" ? "Yes" : null,
    membership_type: plain(type?.["name"]) ?? plain(customer["type"]) ?? "Customer",
    current_status: status,
    source_id: String(customer.id),
  };
}

function chosenMembership(memberships: readonly Row[]): Row | undefined {
  const date = (value: unknown, missing: string): string =>
    typeof value === "string" && !value.startsWith("0001-01-01") ? value : missing;
  const rank = (row: Row): readonly [number, string, string, number] => [
    row["status"] === "Active" ? 1 : 0,
    date(row["to"], "9999"),
    date(row["from"], "0000"),
    row.id,
  ];
  const candidates = memberships.filter((row) => row["status"] !== "Deleted");
  return candidates.sort((left, right) => {
    const [a, b] = [rank(left), rank(right)];
    const place = a.findIndex((value, index) => value !== b[index]);
    return (a[place] ?? 0) > (b[place] ?? 0) ? -1 : 1;
  })[0];
}

function invoiceOf(invoice: Row, rows: TenantRows, company: OracleCompany): ExpectedRecord {
  const named = inside(invoice, "customer");
  const customer = rows.one("customers", named["id"]);
  const jobReference = inside(invoice, "job");
  const job = rows.one("jobs", jobReference["id"]);
  const location = rows.one("locations", inside(invoice, "location")["id"]);
  const zone = rows.one("zones", location?.["zoneId"]);
  const appointment = rows.one("appointments", job?.["firstAppointmentId"]);
  const name = plain(customer?.["name"]) ?? plain(named["name"]);
  return {
    ...companyColumns(company),
    ...customerColumns(plain(named["id"]), name, customer?.["type"]),
    ...phoneColumns(rows.ofCustomer("customer-contacts", named["id"])),
    ...addressColumns(invoiceAddress(invoice)),
    invoice_number: plain(invoice["referenceNumber"]) ?? String(invoice.id),
    invoice_summary: readable(invoice["summary"]),
    job_number: plain(jobReference["number"]),
    job_type: plain(jobReference["type"]),
    zone: plain(zone?.["name"]),
    total: plain(invoice["total"]),
    first_appointment:
      localTime(appointment?.["start"], company.timeZone) ?? businessDay(invoice["invoiceDate"]),
    summary: readable(job?.["summary"]) ?? readable(invoice["summary"]),
    source_id: String(invoice.id),
  };
}

/** The location's address where it has a street, else the customer's where that has one. */
function invoiceAddress(invoice: Row): Readonly<Record<string, unknown>> {
  const atLocation = inside(invoice, "locationAddress");
  const atCustomer = inside(invoice, "customerAddress");
  if (plain(atLocation["street"]) !== null) return atLocation;
  if (plain(atCustomer["street"]) !== null) return atCustomer;
  return invoice["locationAddress"] === null ? atCustomer : atLocation;
}

function companyColumns({ companyId, trade }: OracleCompany) {
  return { tenant: companyId, trade, software: "ServiceTitan", hub_plus_import_id: null };
}

function customerColumns(id: string | null, name: string | null, type: unknown) {
  const { first, last } = type === "Commercial" ? { first: null, last: null } : splitName(name);
  return {
    customer_id: id,
    customer_name: name,
    customer_first_name: first,
    customer_last_name: last,
  };
}

function phoneColumns(contacts: readonly Row[]) {
  const phones = phonesOf(contacts);
  return {
    customer_phone_numbers: phones.length === 0 ? null : phones.join(", "),
    customer_phone_number_primary: phones[0] ?? null,
  };
}
