import { feedRoutes, type SimulatedFeed, simulatedFeeds } from "../feeds.js";

/** What a path asks for. */
export type Endpoint =
  | { readonly kind: "export"; readonly feed: SimulatedFeed }
  | { readonly kind: "list"; readonly feed: SimulatedFeed }
  | { readonly kind: "item"; readonly feed: SimulatedFeed; readonly id: number }
  /** The contacts of one customer. */
  | { readonly kind: "contacts"; readonly feed: "customer-contacts"; readonly customerId: number };

export interface Route {
  /** `null` when the path names no tenant. */
  readonly tenantId: string | null;
  /** `null` when there is no such operation. */
  readonly endpoint: Endpoint | null;
}

const endpoints: ReadonlyMap<string, Endpoint> = new Map(
  simulatedFeeds.flatMap((feed) => {
    const { module, path, hasExport } = feedRoutes[feed];
    const list: [string, Endpoint] = [`${module}/${path}`, { kind: "list", feed }];
    const whole: [string, Endpoint] = [`${module}/export/${path}`, { kind: "export", feed }];
    return hasExport ? [list, whole] : [list];
  }),
);

export function routeOf(method: string, pathname: string): Route {
  const [, module = "", tenantId, rest = ""] = /^\/([a-z-]+)\/v2\/tenant\/(\d+)\/(.+)$/.exec(pathname) ?? [];
  if (tenantId === undefined) return { tenantId: null, endpoint: null };
  return { tenantId, endpoint: method === "GET" ? endpointOf(module, rest) : null };
}

function endpointOf(module: string, rest: string): Endpoint | null {
  const known = endpoints.get(`${module}/${rest}`);
  if (known !== undefined) return known;
  const [, path, id, behind] = /^(.+?)\/(\d+)(\/contacts)?$/.exec(rest) ?? [];
  const list = endpoints.get(`${module}/${path}`);
  if (list?.kind !== "list" || !feedRoutes[list.feed].hasItems) return null;
  if (behind === undefined) return { kind: "item", feed: list.feed, id: Number(id) };
  if (list.feed !== "customers") return null;
  return { kind: "contacts", feed: "customer-contacts", customerId: Number(id) };
}
