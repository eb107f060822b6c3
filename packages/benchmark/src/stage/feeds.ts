import type { SimulatedFeed } from "@titan-sync/simulator";

/** Where a feed of the records lies behind `/{module}/v2/tenant/{tenant}/`. */
interface FeedPath {
  readonly module: string;
  readonly path: string;
}

/** A feed that a sync of both reads. */
interface ReadFeed extends FeedPath {
  /** Whether it has more rows where there are more customers and invoices. */
  readonly grows: boolean;
}

export const exported = (module: string, path: string): FeedPath => ({ module, path: `export/${path}` });

const places: Readonly<Record<SimulatedFeed, ReadFeed>> = {
  customers: { ...exported("crm", "customers"), grows: true },
  "customer-contacts": { ...exported("crm", "customers/contacts"), grows: true },
  memberships: { ...exported("memberships", "memberships"), grows: true },
  "membership-types": { ...exported("memberships", "membership-types"), grows: false },
  invoices: { ...exported("accounting", "invoices"), grows: true },
  jobs: { ...exported("jpm", "jobs"), grows: true },
  appointments: { ...exported("jpm", "appointments"), grows: true },
  locations: { ...exported("crm", "locations"), grows: true },
  zones: { module: "dispatch", path: "zones", grows: false },
};

/** What a sync of both reads. */
export const allFeeds: readonly (ReadFeed & { readonly feed: SimulatedFeed })[] = Object.entries(places).map(
  ([feed, place]) => ({ feed: feed as SimulatedFeed, ...place }),
);

export type { FeedPath };
