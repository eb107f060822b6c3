import type { FeedName } from "../feeds/feed.js";
import type { KnownFeedName } from "../feeds/feeds.js";
import type { SyncData } from "../ports/sync-run.js";
import type { Expansion, Touch } from "../ports/sync-store.js";
import type { RecordType } from "../records/record.js";

/** How one record type comes about: which feeds it needs, and which of its records a change concerns. */
export interface RecordPlan {
  readonly record: RecordType;
  /** Each of its entities is one record. */
  readonly driver: KnownFeedName;
  readonly related: readonly KnownFeedName[];
  /** What a landed change of a feed puts on the work list. */
  readonly touches: Readonly<Partial<Record<KnownFeedName, Omit<Touch, "record">>>>;
  /** How listed entities lead to those of the driver, in the order to follow. */
  readonly expansions: readonly Omit<Expansion, "record">[];
}

const itself = (feed: KnownFeedName): Omit<Touch, "record"> => ({ feed, link: null });

const memberPlan: RecordPlan = {
  record: "member",
  driver: "customers",
  related: ["customer-contacts", "memberships", "membership-types"],
  touches: {
    customers: itself("customers"),
    "customer-contacts": { feed: "customers", link: 0 },
    memberships: { feed: "customers", link: 0 },
    "membership-types": itself("membership-types"),
  },
  expansions: [
    {
      feed: "membership-types",
      child: "memberships",
      childLink: 1,
      target: { feed: "customers", link: 0 },
    },
  ],
};

const invoicePlan: RecordPlan = {
  record: "invoice",
  driver: "invoices",
  related: ["customers", "customer-contacts", "jobs", "appointments", "locations", "zones"],
  touches: {
    invoices: itself("invoices"),
    customers: itself("customers"),
    "customer-contacts": { feed: "customers", link: 0 },
    jobs: itself("jobs"),
    appointments: itself("appointments"),
    locations: itself("locations"),
    zones: itself("zones"),
  },
  expansions: [
    { feed: "zones", child: "locations", childLink: 0, target: null },
    { feed: "appointments", child: "jobs", childLink: 0, target: null },
    { feed: "customers", child: "invoices", childLink: 0, target: null },
    { feed: "locations", child: "invoices", childLink: 1, target: null },
    { feed: "jobs", child: "invoices", childLink: 2, target: null },
  ],
};

/** In the order in which they are derived. */
const plans: readonly RecordPlan[] = [memberPlan, invoicePlan];

/** The plans of the record types that a run was asked for. */
export function plansFor(data: SyncData): readonly RecordPlan[] {
  return data === "both" ? plans : [data === "customers" ? memberPlan : invoicePlan];
}

/**
 * What a landed change of `feed` lists. Record types whose driver has never been listed whole are left out:
 * their deriving begins with everything.
 */
export function touchesOf(
  feed: KnownFeedName,
  isListed: (driver: FeedName, record: RecordType) => boolean,
): readonly Touch[] {
  return plans.flatMap((plan) => {
    const touch = plan.touches[feed];
    const lists = touch !== undefined && isListed(plan.driver, plan.record);
    return lists ? [{ record: plan.record, ...touch }] : [];
  });
}
