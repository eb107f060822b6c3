import type { Row, SimulatedFeed, Simulator } from "@titan-sync/simulator";

/** A tenant's rows as they are now, ready to be looked up. */
export interface TenantRows {
  all(feed: SimulatedFeed): readonly Row[];
  /** `undefined` when there is no such row. */
  one(feed: SimulatedFeed, id: unknown): Row | undefined;
  ofCustomer(feed: "customer-contacts" | "memberships", customerId: unknown): readonly Row[];
}

export function tenantRows(simulator: Simulator, tenantId: string): TenantRows {
  const byId = new Map<SimulatedFeed, ReadonlyMap<unknown, Row>>();
  const byCustomer = new Map<SimulatedFeed, ReadonlyMap<unknown, readonly Row[]>>();
  const all = (feed: SimulatedFeed) => simulator.rows(tenantId, feed);
  return {
    all,
    one(feed, id) {
      const index = byId.get(feed) ?? new Map(all(feed).map((row) => [row.id, row]));
      byId.set(feed, index);
      return index.get(id);
    },
    ofCustomer(feed, customerId) {
      const index = byCustomer.get(feed) ?? Map.groupBy(all(feed), (row) => row["customerId"]);
      byCustomer.set(feed, index);
      return index.get(customerId) ?? [];
    },
  };
}
