import { appointments } from "../../feeds/appointments.js";
import { customerContacts } from "../../feeds/customer-contacts.js";
import { customers } from "../../feeds/customers.js";
import { invoices } from "../../feeds/invoices.js";
import { jobs } from "../../feeds/jobs.js";
import { locations } from "../../feeds/locations.js";
import { zones } from "../../feeds/zones.js";
import type { InvoiceRecord } from "../record.js";
import { hostColumns, prints } from "./common-columns.js";
import { defineJoin, type JoinedOf, many, one } from "./define-join.js";
import { defineColumns } from "./define-record.js";

/** What an invoice's record is joined of: the invoice with its customer, job and place. */
export const invoiceJoin = defineJoin({
  driver: invoices,
  driverName: "invoice",
  relations: {
    // A removed customer's last name and type still serve its invoices.
    customer: one(customers, { of: "invoice", link: "customer", includesRemoved: true }),
    contacts: many(customerContacts, { of: "customer", link: "customer" }),
    job: one(jobs, { of: "invoice", link: "job" }),
    firstAppointment: one(appointments, { of: "job", link: "firstAppointment" }),
    location: one(locations, { of: "invoice", link: "location" }),
    zone: one(zones, { of: "location", link: "zone" }),
  },
});

/** An invoice with everything landed that its record needs; `null` where an entity is unknown. */
export type JoinedInvoice = JoinedOf<typeof invoiceJoin>;

const nameFields = ["customer.name", "invoice.customer.name"] as const;
const phoneFields = ["contacts.active", "contacts.type", "contacts.value"] as const;

type AddressPart = "street" | "unit" | "city" | "state" | "zip" | "country";

function address<Part extends AddressPart>(part: Part) {
  return {
    from: `\`invoice.locationAddress.${part}\`; \`invoice.customerAddress.${part}\` where only that address has a street: one address, taken whole`,
    reads: [`invoice.locationAddress.${part}`, `invoice.customerAddress.${part}`],
  } as const;
}

/** Where each column of an invoice's record comes from. */
export const invoiceColumnSources = defineColumns(invoiceJoin)<InvoiceRecord>({
  tenant: hostColumns.tenant,
  trade: hostColumns.trade,
  software: hostColumns.software,
  customer_id: { from: "`invoice.customer.id`", reads: ["invoice.customer.id"], isOptional: true },
  customer_name: {
    from: "`customer.name`, also of a removed customer; else `invoice.customer.name`",
    reads: nameFields,
    isOptional: true,
  },
  customer_first_name: {
    from: "`customer_name`, by `customer.type`",
    reads: [...nameFields, "customer.type"],
    prints: `first: ${prints.split}`,
    isOptional: true,
  },
  customer_last_name: {
    from: "`customer_name`, by `customer.type`",
    reads: [...nameFields, "customer.type"],
    prints: `last: ${prints.split}`,
    isOptional: true,
  },
  customer_phone_numbers: { ...hostColumns.phoneNumbers, reads: phoneFields },
  customer_phone_number_primary: { ...hostColumns.primaryPhone, reads: phoneFields },
  street: address("street"),
  unit: { ...address("unit"), isOptional: true },
  city: address("city"),
  state: address("state"),
  zip: address("zip"),
  country: { ...address("country"), prints: prints.country, isOptional: true },
  hub_plus_import_id: hostColumns.importId,
  invoice_number: {
    from: "`invoice.referenceNumber`; else `invoice.id`",
    reads: ["invoice.referenceNumber", "invoice.id"],
  },
  invoice_summary: {
    from: "`invoice.summary`",
    reads: ["invoice.summary"],
    prints: "HTML as plain text",
    isOptional: true,
  },
  job_number: { from: "`invoice.job.number`", reads: ["invoice.job.number"], isOptional: true },
  job_type: { from: "`invoice.job.type`", reads: ["invoice.job.type"], isOptional: true },
  zone: {
    from: "`zone.name`: the zone of the invoice's location",
    reads: ["zone.name"],
    isOptional: true,
  },
  total: {
    from: "`invoice.total`",
    reads: ["invoice.total"],
    prints:
      "an exact decimal with the digits and the scale given: `$1,234.50` as `1234.50`, a JSON number `12.50` as `12.50`",
  },
  first_appointment: {
    from: "`firstAppointment.start`; else `invoice.invoiceDate`",
    reads: ["firstAppointment.start", "invoice.invoiceDate"],
    prints:
      "`YYYY-MM-DD HH:mm:ss`: the appointment in the company's time zone, the invoice's date as it is written",
  },
  summary: {
    from: "`job.summary`; else `invoice.summary`",
    reads: ["job.summary", "invoice.summary"],
    prints: "HTML as plain text",
    isOptional: true,
  },
});
