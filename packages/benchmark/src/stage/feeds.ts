/** Where the feeds of the records lie behind `/{module}/v2/tenant/{tenant}/`. */
interface FeedPath {
  readonly module: string;
  readonly path: string;
}

export const exported = (module: string, path: string): FeedPath => ({ module, path: `export/${path}` });

/** What a sync of both reads. */
export const allFeeds: readonly FeedPath[] = [
  exported("crm", "customers"),
  exported("crm", "customers/contacts"),
  exported("memberships", "memberships"),
  exported("memberships", "membership-types"),
  exported("accounting", "invoices"),
  exported("jpm", "jobs"),
  exported("jpm", "appointments"),
  exported("crm", "locations"),
  { module: "dispatch", path: "zones" },
];

export type { FeedPath };
