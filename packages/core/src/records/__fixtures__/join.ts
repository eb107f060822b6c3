import type { EntityId } from "../../feeds/entity-id.js";
import type { RowOf } from "../../feeds/feed.js";
import { feeds, type KnownFeedName } from "../definitions/definitions.js";
import type { JoinedInvoice } from "../definitions/invoice.js";
import type { JoinedMember } from "../definitions/member.js";
import type { GoldenEntities } from "./golden-cases.js";

/**
 * Checks the structure of all rows and joins them by their ids, the simplest way there is. Which field leads to what is
 * written here a second time, from ServiceTitan's documentation: the links of feeds and the relations of records are
 * checked against it.
 */
export function joinEntities(entities: GoldenEntities): {
  readonly members: readonly JoinedMember[];
  readonly invoices: readonly JoinedInvoice[];
} {
  const landed = soundRows(entities);
  const contacts = landed["customer-contacts"];
  return {
    members: landed.customers.map((customer) => ({
      customer,
      contacts: contacts.filter((contact) => contact.customerId === customer.id),
      memberships: landed.memberships.filter((membership) => membership.customerId === customer.id),
      membershipTypes: landed["membership-types"],
    })),
    invoices: landed.invoices.map((invoice) => {
      const job = byId(landed.jobs, invoice.job?.id);
      const location = byId(landed.locations, invoice.location?.id);
      return {
        invoice,
        customer: byId(landed.customers, invoice.customer?.id),
        contacts: contacts.filter((contact) => contact.customerId === invoice.customer?.id),
        job,
        firstAppointment: byId(landed.appointments, job?.firstAppointmentId),
        location,
        zone: byId(landed.zones, location?.zoneId),
      };
    }),
  };
}

type SoundRows = { readonly [Name in KnownFeedName]: readonly RowOf<(typeof feeds)[Name]>[] };

function soundRows(entities: GoldenEntities): SoundRows {
  const sound = Object.values(feeds).map((feed) => [
    feed.name,
    entities[feed.name].map((row) => feed.schema.parse(row)),
  ]);
  return Object.fromEntries(sound) as SoundRows;
}

function byId<Entity extends { readonly id: EntityId }>(
  entities: readonly Entity[],
  id: EntityId | null | undefined,
): Entity | null {
  return entities.find((entity) => entity.id === id) ?? null;
}
