import type { Feed, FeedLink, FeedName, LinkIds } from "./feed.js";

/** A link of a feed: its name, and where it leads. */
export interface LinkOfFeed {
  readonly feed: FeedName;
  readonly link: string;
  readonly target: FeedName;
}

/** How feeds say what belongs to a customer. */
export interface Ownership {
  /** By name. */
  readonly feeds: ReadonlyMap<FeedName, Feed>;
  /** Links that name the customer an entity belongs to, the duplicates of a customer included. */
  readonly customerLinks: readonly LinkOfFeed[];
  /** Links between entities that belong to customers, without those to the customer itself. */
  readonly innerLinks: readonly LinkOfFeed[];
}

/** What links between feeds say of customers. */
export function ownershipIn(feeds: ReadonlyMap<FeedName, Feed>): Ownership {
  const links = [...feeds.values()].flatMap((feed) =>
    feed.links.map(({ name: link, feed: target }) => ({ feed: feed.name, link, target })),
  );
  const customerLinks = links.filter(({ target }) => target === "customers");
  const owned: ReadonlySet<FeedName> = new Set(customerLinks.map(({ feed }) => feed));
  const innerLinks = links.filter(
    ({ feed, target }) => target !== "customers" && owned.has(feed) && owned.has(target),
  );
  return { feeds, customerLinks, innerLinks };
}

/** Whether entities of a feed belong to customers. */
export function isOwned(feed: Pick<Feed, "name" | "links">): boolean {
  return feed.name === "customers" || feed.links.some(({ feed: target }) => target === "customers");
}

/** What a row names, as far as it can be read. */
export interface NamedIds {
  /** For every link of the feed; `null` if it names nothing that can be an id. */
  readonly links: LinkIds;
  /** The customers whose row it is; a customer's own row names itself and what it was merged into. */
  readonly customers: readonly string[];
}

/** What a row names whose structure is sound. */
export function namedBy(feed: Pick<Feed, "name" | "links">, id: string, links: LinkIds): NamedIds {
  const named = feed.links.flatMap(({ name, feed: target }) =>
    target === "customers" ? [links[name] ?? null] : [],
  );
  const customers = feed.name === "customers" ? [id, ...named] : named;
  return { links, customers: customers.filter((customer) => customer !== null) };
}

/** What a row names whose structure may be anything. */
export function namedByRaw(feed: Feed, entityId: string, row: unknown): NamedIds {
  const links = Object.fromEntries(feed.links.map((link) => [link.name, linkOrNull(link, row)]));
  const { customers } = namedBy(feed, entityId, links);
  if (feed.name === "customers" || !isOwned(feed)) return { links, customers };
  // Rows of other feeds name it in one of two ways; a broken row may use the other one.
  const { customerId, customer } = asObject(row);
  const others = [customerId, asObject(customer)["id"]].map(idOf).filter((id) => id !== null);
  return { links, customers: [...new Set([...customers, ...others])] };
}

function linkOrNull(link: FeedLink, row: unknown): string | null {
  try {
    return idOf(link.id(row as never));
  } catch {
    return null;
  }
}

/** An id as it is compared: digits without leading zeros. */
function idOf(value: unknown): string | null {
  if (typeof value !== "number" && typeof value !== "string" && typeof value !== "bigint") return null;
  const digits = String(value).trim();
  return /^\d{1,19}$/.test(digits) && !/^0+$/.test(digits) ? digits.replace(/^0+/, "") : null;
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
