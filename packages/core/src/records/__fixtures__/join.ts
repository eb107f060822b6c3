import { appointments } from "../../feeds/appointments.js";
import { customerContacts } from "../../feeds/customer-contacts.js";
import { customers } from "../../feeds/customers.js";
import type { EntityId } from "../../feeds/entity-id.js";
import { invoices } from "../../feeds/invoices.js";
import { jobs } from "../../feeds/jobs.js";
import { locations } from "../../feeds/locations.js";
import { membershipTypes } from "../../feeds/membership-types.js";
import { memberships } from "../../feeds/memberships.js";
import { zones } from "../../feeds/zones.js";
import type { JoinedInvoice } from "../definitions/invoice.js";
import type { JoinedMember } from "../definitions/member.js";
import type { GoldenEntities } from "./golden-cases.js";

/** Checks the structure of all rows and joins them by their ids, the simplest way there is. */
export function joinEntities(entities: GoldenEntities): {
  readonly members: readonly JoinedMember[];
  readonly invoices: readonly JoinedInvoice[];
} {
  const landed = {
    customers: entities.customers.map((row) => customers.schema.parse(row)),
    contacts: entities["customer-contacts"].map((row) => customerContacts.schema.parse(row)),
    memberships: entities.memberships.map((row) => memberships.schema.parse(row)),
    membershipTypes: entities["membership-types"].map((row) => membershipTypes.schema.parse(row)),
    invoices: entities.invoices.map((row) => invoices.schema.parse(row)),
    jobs: entities.jobs.map((row) => jobs.schema.parse(row)),
    appointments: entities.appointments.map((row) => appointments.schema.parse(row)),
    locations: entities.locations.map((row) => locations.schema.parse(row)),
    zones: entities.zones.map((row) => zones.schema.parse(row)),
  };
  return {
    members: landed.customers.map((customer) => ({
      customer,
      contacts: landed.contacts.filter((contact) => contact.customerId === customer.id),
      memberships: landed.memberships.filter((membership) => membership.customerId === customer.id),
      membershipTypes: landed.membershipTypes,
    })),
    invoices: landed.invoices.map((invoice) => {
      const job = byId(landed.jobs, invoice.job?.id);
      const location = byId(landed.locations, invoice.location?.id);
      return {
        invoice,
        customer: byId(landed.customers, invoice.customer?.id),
        contacts: landed.contacts.filter((contact) => contact.customerId === invoice.customer?.id),
        job,
        firstAppointment: byId(landed.appointments, job?.firstAppointmentId),
        location,
        zone: byId(landed.zones, location?.zoneId),
      };
    }),
  };
}

function byId<Entity extends { readonly id: EntityId }>(
  entities: readonly Entity[],
  id: EntityId | null | undefined,
): Entity | null {
  return entities.find((entity) => entity.id === id) ?? null;
}
