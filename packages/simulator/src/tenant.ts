import { createGenerator } from "./data/generate.js";
import { allScopes, feedRoutes, type SimulatedFeed, simulatedFeeds } from "./feeds.js";
import type { TenantOptions } from "./options.js";
import { createRandom, type Random } from "./random.js";
import { type Row, toRow } from "./row.js";
import { createFeedTable, type FeedTable } from "./store/feed-table.js";

/** A tenant and the credentials that open it, in the documented formats. */
export interface SimulatedTenant {
  readonly tenantId: string;
  readonly environment: "production" | "integration";
  readonly clientId: string;
  readonly clientSecret: string;
  /** The app's: all tenants of a simulator have the same. */
  readonly appKey: string;
}

/** A tenant with everything in it. */
export interface TenantState extends SimulatedTenant {
  readonly scopes: readonly string[];
  readonly tables: Readonly<Record<SimulatedFeed, FeedTable>>;
}

/** @throws TypeError when an id or a given row is malformed, or two tenants have one id. */
export function createTenants(seed: number, tenants: readonly TenantOptions[]): readonly TenantState[] {
  const appKey = `ak1.${word(createRandom(seed, "app"), 40)}`;
  const seen = new Set<string>();
  return tenants.map((options, index) => {
    const tenantId = options.tenantId ?? String(1001 + index);
    if (!/^\d+$/.test(tenantId)) throw new TypeError(`A tenant id has digits only, not "${tenantId}".`);
    if (seen.has(tenantId)) throw new TypeError(`Two tenants have the id ${tenantId}.`);
    seen.add(tenantId);
    const random = createRandom(seed, tenantId, "credentials");
    return {
      tenantId,
      environment: options.environment ?? "production",
      clientId: `cid.${word(random, 25)}`,
      clientSecret: `cs1.${word(random, 64)}`,
      appKey,
      scopes: options.scopes ?? allScopes,
      tables: createTables(seed, tenantId, options),
    };
  });
}

function createTables(
  seed: number,
  tenantId: string,
  options: TenantOptions,
): Readonly<Record<SimulatedFeed, FeedTable>> {
  const rowsOf =
    options.entities === undefined ? generated(seed, tenantId, options) : given(options.entities);
  return Object.fromEntries(
    simulatedFeeds.map((feed) => [feed, createFeedTable(feedRoutes[feed], rowsOf(feed))]),
  ) as Record<SimulatedFeed, FeedTable>;
}

function generated(seed: number, tenantId: string, options: TenantOptions) {
  const customers = options.customers ?? 100;
  const invoices = options.invoices ?? Math.round(customers * 2.5);
  return createGenerator({ seed, tenantId, customers, invoices }, options.rowsPerInstant ?? null);
}

function given(entities: NonNullable<TenantOptions["entities"]>): (feed: SimulatedFeed) => Iterable<Row> {
  for (const name of Object.keys(entities)) {
    if (!simulatedFeeds.some((feed) => feed === name)) throw new TypeError(`There is no feed "${name}".`);
  }
  return (feed) => (entities[feed] ?? []).map(toRow);
}

function word(random: Random, length: number): string {
  return Array.from({ length }, () => random.integer(0, 35).toString(36)).join("");
}
