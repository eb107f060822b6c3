import type { Appointment } from "../feeds/appointments.js";
import type { CustomerContact } from "../feeds/customer-contacts.js";
import type { Customer } from "../feeds/customers.js";
import { compareIds, type EntityId, idText } from "../feeds/entity-id.js";
import type { FeedName } from "../feeds/feed.js";
import type { Invoice } from "../feeds/invoices.js";
import type { Job } from "../feeds/jobs.js";
import type { Location } from "../feeds/locations.js";
import type { MembershipType } from "../feeds/membership-types.js";
import type { Membership } from "../feeds/memberships.js";
import type { Zone } from "../feeds/zones.js";
import type { RowTexts } from "../json/exact-numbers.js";
import { parseExactly } from "../json/parse-exactly.js";
import type { LandedEntity, SyncStore } from "../ports/sync-store.js";
import type { TenantScope } from "../ports/tenant.js";
import type { JoinedInvoice, JoinedMember } from "../records/joined.js";

/** A driver's entity with what its record needs, and the row as it was landed. */
export interface JoinedEntity<Joined> {
  readonly joined: Joined;
  readonly payload: string;
  /** Of all joined rows of its batch. */
  readonly texts: RowTexts;
  /** Whether ServiceTitan no longer has it. */
  readonly removed: boolean;
}

type EntityReader = Pick<SyncStore, "entities" | "entitiesByLink">;
type Id = EntityId | null | undefined;

/** What all look-ups of one batch share. */
interface Joining {
  readonly store: EntityReader;
  readonly scope: TenantScope;
  readonly texts: Map<object, string>;
}

/** Joins customers with their related entities: one look-up per feed. Ids that are not landed are left out. */
export async function joinMembers(
  store: EntityReader,
  scope: TenantScope,
  ids: readonly string[],
): Promise<ReadonlyMap<string, JoinedEntity<JoinedMember>>> {
  const texts = new Map<object, string>();
  const [customers, contacts, memberships] = await Promise.all([
    store.entities({ scope, feed: "customers", ids }),
    store.entitiesByLink({ scope, feed: "customer-contacts", link: 0, ids }),
    store.entitiesByLink({ scope, feed: "memberships", link: 0, ids }),
  ]);
  const membershipRows = parseAll<Membership>(memberships, texts);
  const types = await findById<MembershipType>(
    { store, scope, texts },
    "membership-types",
    membershipRows.map((row) => row.membershipTypeId),
  );
  const contactsOf = groupBy(parseAll<CustomerContact>(contacts, texts), (contact) => contact.customerId);
  const membershipsOf = groupBy(membershipRows, (membership) => membership.customerId);

  return new Map(
    customers.map((entity) => {
      const customer = parse<Customer>(entity, texts);
      const own = membershipsOf.get(customer.id) ?? [];
      const joined: JoinedMember = {
        customer,
        contacts: contactsOf.get(customer.id) ?? [],
        memberships: own,
        membershipTypes: [...new Set(own.map((row) => row.membershipTypeId))].flatMap(
          (id) => lookUp(types, id) ?? [],
        ),
      };
      return [entity.id, { joined, payload: entity.payload, texts, removed: entity.removed }];
    }),
  );
}

/** Joins invoices with their related entities: one look-up per feed. Ids that are not landed are left out. */
export async function joinInvoices(
  store: EntityReader,
  scope: TenantScope,
  ids: readonly string[],
): Promise<ReadonlyMap<string, JoinedEntity<JoinedInvoice>>> {
  const texts = new Map<object, string>();
  const entities = await store.entities({ scope, feed: "invoices", ids });
  const invoices = entities.map((entity) => ({ entity, invoice: parse<Invoice>(entity, texts) }));
  const customerIds = invoices.map(({ invoice }) => invoice.customer?.id);
  const [customers, contacts, locations, jobs] = await Promise.all([
    // A removed customer's last name and type still serve its invoices.
    findById<Customer>({ store, scope, texts }, "customers", customerIds, { removedToo: true }),
    store.entitiesByLink({ scope, feed: "customer-contacts", link: 0, ids: distinct(customerIds) }),
    findById<Location>(
      { store, scope, texts },
      "locations",
      invoices.map(({ invoice }) => invoice.location?.id),
    ),
    findById<Job>(
      { store, scope, texts },
      "jobs",
      invoices.map(({ invoice }) => invoice.job?.id),
    ),
  ]);
  const [zones, appointments] = await Promise.all([
    findById<Zone>(
      { store, scope, texts },
      "zones",
      [...locations.values()].map((location) => location.zoneId),
    ),
    findById<Appointment>(
      { store, scope, texts },
      "appointments",
      [...jobs.values()].map((job) => job.firstAppointmentId),
    ),
  ]);
  const contactsOf = groupBy(parseAll<CustomerContact>(contacts, texts), (contact) => contact.customerId);

  return new Map(
    invoices.map(({ entity, invoice }) => {
      const location = lookUp(locations, invoice.location?.id);
      const job = lookUp(jobs, invoice.job?.id);
      const joined: JoinedInvoice = {
        invoice,
        customer: lookUp(customers, invoice.customer?.id),
        contacts: contactsOf.get(invoice.customer?.id ?? 0) ?? [],
        job,
        firstAppointment: lookUp(appointments, job?.firstAppointmentId),
        location,
        zone: lookUp(zones, location?.zoneId),
      };
      return [entity.id, { joined, payload: entity.payload, texts, removed: entity.removed }];
    }),
  );
}

async function findById<Entity extends { readonly id: EntityId }>(
  { store, scope, texts }: Joining,
  feed: FeedName,
  ids: readonly Id[],
  { removedToo = false } = {},
): Promise<ReadonlyMap<EntityId, Entity>> {
  const wanted = distinct(ids);
  if (wanted.length === 0) return new Map();
  const found = await store.entities({ scope, feed, ids: wanted });
  const usable = removedToo ? found : found.filter((entity) => !entity.removed);
  return new Map(parseAll<Entity>(usable, texts).map((entity) => [entity.id, entity]));
}

/** Ids in use, once each and in numeric order. */
function distinct(ids: readonly Id[]): readonly string[] {
  const texts = ids.map(idText).filter((id) => id !== null);
  return [...new Set(texts)].sort(compareIds);
}

function lookUp<Entity>(found: ReadonlyMap<EntityId, Entity>, id: Id): Entity | null {
  return (id === null || id === undefined ? undefined : found.get(id)) ?? null;
}

function groupBy<Entity>(
  rows: readonly Entity[],
  key: (row: Entity) => EntityId,
): ReadonlyMap<EntityId, readonly Entity[]> {
  const groups = new Map<EntityId, Entity[]>();
  for (const row of rows) {
    const group = groups.get(key(row));
    if (group === undefined) groups.set(key(row), [row]);
    else group.push(row);
  }
  return groups;
}

function parseAll<Entity extends object>(
  entities: readonly LandedEntity[],
  texts: Map<object, string>,
): readonly Entity[] {
  return entities.map((entity) => parse<Entity>(entity, texts));
}

/** Every landed row has passed its feed's structure check. */
function parse<Entity extends object>({ payload }: LandedEntity, texts: Map<object, string>): Entity {
  const row = parseExactly(payload) as Entity;
  texts.set(row, payload);
  return row;
}
