import type { Appointment } from "../feeds/appointments.js";
import type { CustomerContact } from "../feeds/customer-contacts.js";
import type { Customer } from "../feeds/customers.js";
import type { Invoice } from "../feeds/invoices.js";
import type { Job } from "../feeds/jobs.js";
import type { Location } from "../feeds/locations.js";
import type { MembershipType } from "../feeds/membership-types.js";
import type { Membership } from "../feeds/memberships.js";
import type { Zone } from "../feeds/zones.js";

/** A customer with everything landed that its record needs. */
export interface JoinedMember {
  readonly customer: Customer;
  /** In any order, inactive ones and other types included. */
  readonly contacts: readonly CustomerContact[];
  readonly memberships: readonly Membership[];
  /** The landed types of those memberships. */
  readonly membershipTypes: readonly MembershipType[];
}

/** An invoice with everything landed that its record needs; `null` where an entity is unknown. */
export interface JoinedInvoice {
  readonly invoice: Invoice;
  readonly customer: Customer | null;
  /** The contacts of the invoice's customer, whether that customer itself is landed or not. */
  readonly contacts: readonly CustomerContact[];
  readonly job: Job | null;
  /** The appointment that the job names as its first. */
  readonly firstAppointment: Appointment | null;
  readonly location: Location | null;
  readonly zone: Zone | null;
}
