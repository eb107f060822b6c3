import { appointments } from "./appointments.js";
import { businessUnits } from "./business-units.js";
import { customerContacts } from "./customer-contacts.js";
import { customers } from "./customers.js";
import type { Feed } from "./feed.js";
import { invoices } from "./invoices.js";
import { jobTypes } from "./job-types.js";
import { jobs } from "./jobs.js";
import { locations } from "./locations.js";
import { membershipTypes } from "./membership-types.js";
import { memberships } from "./memberships.js";
import { zones } from "./zones.js";

/** Every feed, by name. */
export const feeds = {
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
} as const satisfies Readonly<Record<string, Feed>>;

/** The feeds of this library. */
export type KnownFeedName = keyof typeof feeds;
