import type { FeedName } from "../feeds/feed.js";
import type { invoiceColumns, memberColumns } from "./column-names.js";
import type { RecordDefinition } from "./definitions/define-record.js";
import { invoiceDefinition } from "./definitions/invoice.js";
import { memberDefinition } from "./definitions/member.js";
import { feedsBehind } from "./definitions/reach.js";

/** Where a column's value comes from. docs/records.md is made from this. */
export interface FieldSource {
  /** What is read, the first that has a value first; paths are those of a mapping. */
  readonly from: string;
  /** Feeds that it needs. While one of them has never been read, the column stays empty. */
  readonly feeds: readonly FeedName[];
  /** How it prints, where that is more than clean text. */
  readonly prints: string | null;
}

/** A source as it is written down: with the names of the driver and the relations that it reads. */
interface SourceInput<Name extends string> extends Omit<FieldSource, "feeds"> {
  readonly reads: readonly Name[];
}

type NamesIn<Definition extends RecordDefinition> =
  | Definition["driverName"]
  | (keyof Definition["relations"] & string);
type MemberName = NamesIn<typeof memberDefinition>;
type InvoiceName = NamesIn<typeof invoiceDefinition>;

const host = { reads: [], prints: null } as const;
const phones = "the active `contacts` of type `MobilePhone`, then `Phone`, each by id; never Fax or Email";
const usPhone = "ten digits without `+` or extension as `(555) 123-4567`, others as given; each number once";
const country = "`US` where it is missing, `USA` or `United States`; others as given";
const split =
  "the name's first and second word; empty for a `Commercial` customer unless `splitCompanyNames`";

/** The sources of a member's columns. */
const memberSources = {
  tenant: { ...host, from: "the host's company id" },
  trade: { ...host, from: "the host's `trade`" },
  software: { ...host, from: "always `ServiceTitan`" },
  customer_id: { from: "`customer.id`", reads: ["customer"], prints: null },
  customer_name: { from: "`customer.name`", reads: ["customer"], prints: null },
  customer_first_name: { from: "`customer.name`", reads: ["customer"], prints: `first: ${split}` },
  customer_last_name: { from: "`customer.name`", reads: ["customer"], prints: `last: ${split}` },
  customer_phone_numbers: {
    from: phones,
    reads: ["contacts"],
    prints: `joined with a comma and a blank; ${usPhone}`,
  },
  customer_phone_number_primary: {
    from: `the first of ${phones}`,
    reads: ["contacts"],
    prints: usPhone,
  },
  street: { from: "`customer.address.street`", reads: ["customer"], prints: null },
  unit: { from: "`customer.address.unit`", reads: ["customer"], prints: null },
  city: { from: "`customer.address.city`", reads: ["customer"], prints: null },
  state: { from: "`customer.address.state`", reads: ["customer"], prints: null },
  zip: { from: "`customer.address.zip`", reads: ["customer"], prints: null },
  country: { from: "`customer.address.country`", reads: ["customer"], prints: country },
  hub_plus_import_id: { ...host, from: "the host's import id, of the company or of the sync request" },
  active_member: {
    from: "`current_status`",
    reads: ["memberships"],
    prints: "`Yes` when it is `Active`, whatever the case; else empty",
  },
  membership_type: {
    from: "`membershipType.name`; else `customer.type`; else `Customer`",
    reads: ["membershipTypes"],
    prints: null,
  },
  current_status: {
    from: "`membership.status`; without a membership `Inactive` for an inactive customer, else empty",
    reads: ["memberships"],
    prints:
      "active, current, enabled, good as `Active`; inactive, disabled, deactivated, suspended as `Inactive`; pending, new as `Pending`; others as given",
  },
  version: { ...host, from: "the run's start in epoch seconds" },
} as const satisfies Readonly<Record<(typeof memberColumns)[number], SourceInput<MemberName>>>;

const address = (part: string): SourceInput<InvoiceName> => ({
  from: `\`invoice.locationAddress.${part}\`; \`invoice.customerAddress.${part}\` where only that address has a street: one address, taken whole`,
  reads: ["invoice"],
  prints: null,
});

/** The sources of an invoice's columns. */
const invoiceSources = {
  tenant: memberSources.tenant,
  trade: memberSources.trade,
  software: memberSources.software,
  customer_id: { from: "`invoice.customer.id`", reads: ["invoice"], prints: null },
  customer_name: {
    from: "`customer.name`, also of a removed customer; else `invoice.customer.name`",
    reads: ["invoice", "customer"],
    prints: null,
  },
  customer_first_name: {
    from: "`customer_name`, by `customer.type`",
    reads: ["invoice", "customer"],
    prints: `first: ${split}`,
  },
  customer_last_name: {
    from: "`customer_name`, by `customer.type`",
    reads: ["invoice", "customer"],
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
  invoice_number: { from: "`invoice.referenceNumber`; else `invoice.id`", reads: ["invoice"], prints: null },
  invoice_summary: { from: "`invoice.summary`", reads: ["invoice"], prints: "HTML as plain text" },
  job_number: { from: "`invoice.job.number`", reads: ["invoice"], prints: null },
  job_type: { from: "`invoice.job.type`", reads: ["invoice"], prints: null },
  zone: {
    from: "`zone.name`: the zone of the invoice's location",
    reads: ["zone"],
    prints: null,
  },
  total: {
    from: "`invoice.total`",
    reads: ["invoice"],
    prints:
      "an exact decimal with the digits and the scale given: `$1,234.50` as `1234.50`, a JSON number `12.50` as `12.50`",
  },
  first_appointment: {
    from: "`firstAppointment.start`; else `invoice.invoiceDate`",
    reads: ["firstAppointment"],
    prints:
      "`YYYY-MM-DD HH:mm:ss`: the appointment in the company's time zone, the invoice's date as it is written",
  },
  summary: {
    from: "`job.summary`; else `invoice.summary`",
    reads: ["job"],
    prints: "HTML as plain text",
  },
} as const satisfies Readonly<Record<(typeof invoiceColumns)[number], SourceInput<InvoiceName>>>;

/** Where each column of each record type comes from. */
export const fieldSources = {
  member: withFeeds(memberDefinition, memberSources),
  invoice: withFeeds(invoiceDefinition, invoiceSources),
} as const;

function withFeeds<Column extends string>(
  definition: RecordDefinition,
  sources: Readonly<Record<Column, SourceInput<string>>>,
): Readonly<Record<Column, FieldSource>> {
  const read = Object.entries<SourceInput<string>>(sources).map(([column, { reads, ...source }]) => {
    return [column, { ...source, feeds: reads.flatMap((name) => feedsBehind(definition, name)) }];
  });
  return Object.fromEntries(read) as Readonly<Record<Column, FieldSource>>;
}
