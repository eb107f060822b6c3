import type { KnownFeedName } from "../feeds/feeds.js";
import type { invoiceColumns, memberColumns } from "./column-names.js";

/** Where a column's value comes from. docs/records.md is made from this. */
export interface FieldSource {
  /** What is read, the first that has a value first; paths are those of a mapping. */
  readonly from: string;
  /** Feeds that it needs. While one of them has never been read, the column stays empty. */
  readonly feeds: readonly KnownFeedName[];
  /** How it prints, where that is more than clean text. */
  readonly prints: string | null;
}

type Sources<Column extends string> = Readonly<Record<Column, FieldSource>>;

const host: Pick<FieldSource, "feeds" | "prints"> = { feeds: [], prints: null };
const phones = "the active `contacts` of type `MobilePhone`, then `Phone`, each by id; never Fax or Email";
const usPhone = "ten digits without `+` or extension as `(555) 123-4567`, others as given; each number once";
const country = "`US` where it is missing, `USA` or `United States`; others as given";
const split =
  "the name's first and second word; empty for a `Commercial` customer unless `splitCompanyNames`";

/** The sources of a member's columns. */
const memberSources: Sources<(typeof memberColumns)[number]> = {
  tenant: { ...host, from: "the host's company id" },
  trade: { ...host, from: "the host's `trade`" },
  software: { ...host, from: "always `ServiceTitan`" },
  customer_id: { from: "`customer.id`", feeds: ["customers"], prints: null },
  customer_name: { from: "`customer.name`", feeds: ["customers"], prints: null },
  customer_first_name: { from: "`customer.name`", feeds: ["customers"], prints: `first: ${split}` },
  customer_last_name: { from: "`customer.name`", feeds: ["customers"], prints: `last: ${split}` },
  customer_phone_numbers: {
    from: phones,
    feeds: ["customer-contacts"],
    prints: `joined with a comma and a blank; ${usPhone}`,
  },
  customer_phone_number_primary: {
    from: `the first of ${phones}`,
    feeds: ["customer-contacts"],
    prints: usPhone,
  },
  street: { from: "`customer.address.street`", feeds: ["customers"], prints: null },
  unit: { from: "`customer.address.unit`", feeds: ["customers"], prints: null },
  city: { from: "`customer.address.city`", feeds: ["customers"], prints: null },
  state: { from: "`customer.address.state`", feeds: ["customers"], prints: null },
  zip: { from: "`customer.address.zip`", feeds: ["customers"], prints: null },
  country: { from: "`customer.address.country`", feeds: ["customers"], prints: country },
  hub_plus_import_id: { ...host, from: "the host's import id, of the company or of the sync request" },
  active_member: {
    from: "`current_status`",
    feeds: ["memberships"],
    prints: "`Yes` when it is `Active`, whatever the case; else empty",
  },
  membership_type: {
    from: "`membershipType.name`; else `customer.type`; else `Customer`",
    feeds: ["memberships", "membership-types"],
    prints: null,
  },
  current_status: {
    from: "`membership.status`; without a membership `Inactive` for an inactive customer, else empty",
    feeds: ["memberships"],
    prints:
      "active, current, enabled, good as `Active`; inactive, disabled, deactivated, suspended as `Inactive`; pending, new as `Pending`; others as given",
  },
  version: { ...host, from: "the run's start in epoch seconds" },
};

const address = (part: string): FieldSource => ({
  from: `\`invoice.locationAddress.${part}\`; \`invoice.customerAddress.${part}\` where only that address has a street: one address, taken whole`,
  feeds: ["invoices"],
  prints: null,
});

/** The sources of an invoice's columns. */
const invoiceSources: Sources<(typeof invoiceColumns)[number]> = {
  tenant: memberSources.tenant,
  trade: memberSources.trade,
  software: memberSources.software,
  customer_id: { from: "`invoice.customer.id`", feeds: ["invoices"], prints: null },
  customer_name: {
    from: "`customer.name`, also of a removed customer; else `invoice.customer.name`",
    feeds: ["invoices", "customers"],
    prints: null,
  },
  customer_first_name: {
    from: "`customer_name`, by `customer.type`",
    feeds: ["invoices", "customers"],
    prints: `first: ${split}`,
  },
  customer_last_name: {
    from: "`customer_name`, by `customer.type`",
    feeds: ["invoices", "customers"],
    prints: `last: ${split}`,
  },
  customer_phone_numbers: memberSources.customer_phone_numbers,
  customer_phone_number_primary: memberSources.customer_phone_number_primary,
  street: address("street"),
  unit: address("unit"),
  city: address("city"),
  state: address("state"),
  zip: address("zip"),
  country: { ...address("country"), prints: country },
  hub_plus_import_id: memberSources.hub_plus_import_id,
  invoice_number: { from: "`invoice.referenceNumber`; else `invoice.id`", feeds: ["invoices"], prints: null },
  invoice_summary: { from: "`invoice.summary`", feeds: ["invoices"], prints: "HTML as plain text" },
  job_number: { from: "`invoice.job.number`", feeds: ["invoices"], prints: null },
  job_type: { from: "`invoice.job.type`", feeds: ["invoices"], prints: null },
  zone: {
    from: "`zone.name`: the zone of the invoice's location",
    feeds: ["locations", "zones"],
    prints: null,
  },
  total: {
    from: "`invoice.total`",
    feeds: ["invoices"],
    prints:
      "an exact decimal with the digits and the scale given: `$1,234.50` as `1234.50`, a JSON number `12.50` as `12.50`",
  },
  first_appointment: {
    from: "`firstAppointment.start`; else `invoice.invoiceDate`",
    feeds: ["jobs", "appointments"],
    prints:
      "`YYYY-MM-DD HH:mm:ss`: the appointment in the company's time zone, the invoice's date as it is written",
  },
  summary: {
    from: "`job.summary`; else `invoice.summary`",
    feeds: ["jobs"],
    prints: "HTML as plain text",
  },
};

/** Where each column of each record type comes from. */
export const fieldSources = { member: memberSources, invoice: invoiceSources } as const;
