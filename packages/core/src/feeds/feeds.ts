import { appointments } from "./appointments.js";
import { businessUnits } from "./business-units.js";
import { customerContacts } from "./customer-contacts.js";
import { customers } from "./customers.js";
import type { Feed, FeedName } from "./feed.js";
import { invoices } from "./invoices.js";
import { jobTypes } from "./job-types.js";
import { jobs } from "./jobs.js";
import { locations } from "./locations.js";
import { membershipTypes } from "./membership-types.js";
import { memberships } from "./memberships.js";
import { zones } from "./zones.js";

/** Every feed, by name. */
export const feeds: Readonly<Record<FeedName, Feed>> = {
  customers,
  "customer-contacts": customerContacts,
  locations,
  invoices,
  memberships,
  "membership-types": membershipTypes,
  jobs,
  appointments,
  "job-types": jobTypes,
  zones,
  "business-units": businessUnits,
};
