import type { FeedName } from "../feeds/feed.js";
import type { EntitySize, EntitySizes } from "../ports/entity-sizes.js";
import type { TenantScope } from "../ports/tenant.js";
import type { RecordType } from "../records/record.js";

/** Rows that a record is joined from, and that another record of the batch may need as well. */
export interface JoinedRows {
  /** Equal for the same rows. */
  readonly name: string;
  readonly bytes: number;
}

/** By driver id, what the join of its record loads. Ids that are not landed are left out. */
export type JoinSizes = ReadonlyMap<string, readonly JoinedRows[]>;

/** What the join of these records would load, without loading any of it: the same look-ups, for sizes. */
export async function measureJoins(
  store: EntitySizes,
  scope: TenantScope,
  record: RecordType,
  ids: readonly string[],
): Promise<JoinSizes> {
  return record === "member"
    ? await measureMembers(store, scope, ids)
    : await measureInvoices(store, scope, ids);
}

async function measureMembers(
  store: EntitySizes,
  scope: TenantScope,
  ids: readonly string[],
): Promise<JoinSizes> {
  const [customers, contacts, memberships] = await Promise.all([
    store.entitySizes({ scope, feed: "customers", ids }),
    store.entitySizesByLink({ scope, feed: "customer-contacts", link: 0, ids }),
    store.entitySizesByLink({ scope, feed: "memberships", link: 0, ids }),
  ]);
  const types = await findSizes(store, scope, "membership-types", linksOf(memberships, 1));
  const contactsOf = groupByLink(contacts, 0);
  const membershipsOf = groupByLink(memberships, 0);
  return new Map(
    customers.map((customer) => {
      const own = membershipsOf.get(customer.id) ?? [];
      return [
        customer.id,
        [
          one("customers", customer),
          all("customer-contacts", customer.id, contactsOf.get(customer.id) ?? []),
          all("memberships", customer.id, own),
          ...[...new Set(linksOf(own, 1))].flatMap((id) => oneOf("membership-types", types, id)),
        ],
      ];
    }),
  );
}

async function measureInvoices(
  store: EntitySizes,
  scope: TenantScope,
  ids: readonly string[],
): Promise<JoinSizes> {
  const invoices = await store.entitySizes({ scope, feed: "invoices", ids });
  const customerIds = linksOf(invoices, 0);
  const [customers, contacts, locations, jobs] = await Promise.all([
    findSizes(store, scope, "customers", customerIds),
    store.entitySizesByLink({ scope, feed: "customer-contacts", link: 0, ids: [...new Set(customerIds)] }),
    findSizes(store, scope, "locations", linksOf(invoices, 1)),
    findSizes(store, scope, "jobs", linksOf(invoices, 2)),
  ]);
  const [zones, appointments] = await Promise.all([
    findSizes(store, scope, "zones", linksOf([...locations.values()], 0)),
    findSizes(store, scope, "appointments", linksOf([...jobs.values()], 0)),
  ]);
  const contactsOf = groupByLink(contacts, 0);
  return new Map(
    invoices.map((invoice) => {
      const [customerId = null, locationId = null, jobId = null] = invoice.links;
      return [
        invoice.id,
        [
          one("invoices", invoice),
          ...oneOf("customers", customers, customerId),
          ...(customerId === null
            ? []
            : [all("customer-contacts", customerId, contactsOf.get(customerId) ?? [])]),
          ...oneOf("locations", locations, locationId),
          ...oneOf("zones", zones, linkOf(locations, locationId)),
          ...oneOf("jobs", jobs, jobId),
          ...oneOf("appointments", appointments, linkOf(jobs, jobId)),
        ],
      ];
    }),
  );
}

type SizesById = ReadonlyMap<string, EntitySize>;

async function findSizes(
  store: EntitySizes,
  scope: TenantScope,
  feed: FeedName,
  ids: readonly string[],
): Promise<SizesById> {
  if (ids.length === 0) return new Map();
  const found = await store.entitySizes({ scope, feed, ids: [...new Set(ids)] });
  return new Map(found.map((size) => [size.id, size]));
}

function linksOf(sizes: readonly EntitySize[], link: number): readonly string[] {
  return sizes.flatMap((size) => size.links[link] ?? []);
}

/** The first link of an entity, by its id. */
function linkOf(sizes: SizesById, id: string | null): string | null {
  return (id === null ? null : sizes.get(id)?.links[0]) ?? null;
}

function groupByLink(sizes: readonly EntitySize[], link: number): ReadonlyMap<string, readonly EntitySize[]> {
  const groups = new Map<string, EntitySize[]>();
  for (const size of sizes) {
    const target = size.links[link] ?? "";
    const group = groups.get(target);
    if (group === undefined) groups.set(target, [size]);
    else group.push(size);
  }
  return groups;
}

function one(feed: FeedName, { id, bytes }: EntitySize): JoinedRows {
  return { name: `${feed} ${id}`, bytes };
}

function oneOf(feed: FeedName, sizes: SizesById, id: string | null): readonly JoinedRows[] {
  const found = id === null ? undefined : sizes.get(id);
  return found === undefined ? [] : [one(feed, found)];
}

/** All rows of a feed that name the same entity, as one. */
function all(feed: FeedName, target: string, sizes: readonly EntitySize[]): JoinedRows {
  return { name: `${feed} of ${target}`, bytes: sizes.reduce((sum, { bytes }) => sum + bytes, 0) };
}
