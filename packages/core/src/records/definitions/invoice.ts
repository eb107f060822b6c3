import { appointments } from "../../feeds/appointments.js";
import { customerContacts } from "../../feeds/customer-contacts.js";
import { customers } from "../../feeds/customers.js";
import { invoices } from "../../feeds/invoices.js";
import { jobs } from "../../feeds/jobs.js";
import { locations } from "../../feeds/locations.js";
import { zones } from "../../feeds/zones.js";
import { defineRecord, type JoinedOf, many, one } from "./define-record.js";

/** An invoice with its customer, job and place. */
export const invoiceDefinition = defineRecord({
  type: "invoice",
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
export type JoinedInvoice = JoinedOf<typeof invoiceDefinition>;
