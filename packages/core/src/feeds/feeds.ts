import { appointments } from "./appointments.ts";
import { businessUnits } from "./business-units.ts";
import { customerContacts } from "./customer-contacts.ts";
import { customers } from "./customers.ts";
import type { Feed, FeedName } from "./feed.ts";
import { invoices } from "./invoices.ts";
import { jobTypes } from "./job-types.ts";
import { jobs } from "./jobs.ts";
import { locations } from "./locations.ts";
import { membershipTypes } from "./membership-types.ts";
import { memberships } from "./memberships.ts";
import { zones } from "./zones.ts";

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
