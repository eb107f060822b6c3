import type { KnownRecordType } from "../records/record.js";

/** The headers that a column may have, the first that is present wins. */
export type ReportHeaders = Readonly<Record<string, readonly string[]>>;

const coreHeaders = {
  customer_id: ["Customer ID", "customer_id", "ID"],
  customer_name: ["Customer Name", "customer_name", "Name"],
  customer_first_name: ["Customer First Name", "customer_first_name", "First Name"],
  customer_last_name: ["Customer Last Name", "customer_last_name", "Last Name"],
  customer_phone_numbers: ["Customer Phone Number(s)", "customer_phone_numbers", "Phone Numbers", "Landline"],
  customer_phone_number_primary: [
    "Phone",
    "Mobile",
    "Customer Phone",
    "Phone Number",
    "customer_phone_number_primary",
  ],
  street: ["Street", "Customer Street", "Location Street", "Street Address"],
  unit: ["Unit", "Customer Unit"],
  city: ["City", "Customer City", "Location City"],
  state: ["State", "Customer State", "Location State"],
  zip: ["Zip", "Zip Code", "Postal Code", "Post Code", "Customer Zip", "Location Zip"],
  country: ["Country", "Customer Country", "Location Country"],
} as const satisfies ReportHeaders;

/**
 * The headers of manual exports, by column: the first that a report has counts, whatever its case. `version`,
 * which differs from run to run, is not compared.
 */
export const reportHeaders: Readonly<Record<KnownRecordType, ReportHeaders>> = {
  member: {
    ...coreHeaders,
    active_member: ["Active Member", "active_member", "Active"],
    membership_type: ["Membership Type", "membership_type"],
    current_status: ["Current Status", "current_status", "Member Status"],
  },
  invoice: {
    ...coreHeaders,
    invoice_number: ["Invoice Number", "invoice_number", "Invoice #"],
    job_number: ["Job Number", "job_number", "Job #"],
    job_type: ["Job Type", "job_type"],
    invoice_summary: ["Invoice Summary", "invoice_summary"],
    zone: ["Zone"],
    total: ["Total"],
    first_appointment: ["First Appointment", "first_appointment", "Invoice Date"],
    summary: ["Summary", "Description", "Invoice Summary"],
  },
};

/** The column by which a report's rows are matched with records. */
export const reportKeys = { member: "customer_id", invoice: "invoice_number" } as const satisfies Readonly<
  Record<KnownRecordType, string>
>;

/** Where the columns of a record stand in a report. */
export interface ReportLayout {
  /** Place of each column that the report has, from 0. */
  readonly places: ReadonlyMap<string, number>;
  /** Headers that match no column. */
  readonly unknown: readonly string[];
}

/** Finds a record's columns in a report's header line. */
export function readLayout(type: KnownRecordType, header: readonly string[]): ReportLayout {
  const places = new Map<string, number>();
  const names = header.map((name) => name.trim().toLowerCase());
  for (const [column, aliases] of Object.entries(reportHeaders[type])) {
    const place = aliases.map((alias) => names.indexOf(alias.toLowerCase())).find((found) => found >= 0);
    if (place !== undefined) places.set(column, place);
  }
  const used = new Set(places.values());
  return { places, unknown: header.filter((_name, place) => !used.has(place)) };
}
