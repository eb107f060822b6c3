import type { Appointment } from "../feeds/appointments.js";
import type { CustomerContact } from "../feeds/customer-contacts.js";
import type { Customer } from "../feeds/customers.js";
import type { FeedName } from "../feeds/feed.js";
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

/** What the host says about a company, and what of a mapping may differ between companies. */
export interface CompanyProfile {
  readonly companyId: string;
  readonly trade: string | null;
  readonly importId: number | null;
  /** IANA name in which dates print. */
  readonly timeZone: string;
  readonly rules: CompanyRules;
}

export interface CompanyRules {
  /** Split the names of `Commercial` customers like a person's. */
  readonly splitCompanyNames: boolean;
  /** Whether an invoice below zero is delivered with a warning or rejected. */
  readonly negativeTotal: "warn" | "reject";
}

/** What a map needs besides the joined entities. */
export interface MapContext {
  readonly company: CompanyProfile;
  /** The run's version. */
  readonly version: string;
  /**
   * The feeds that were read to their end at least once for this tenant. Where a related feed is missing
   * here, the fields it feeds have no fallback: nobody knows yet whether there is something to fall back from.
   */
  readonly drained: ReadonlySet<FeedName>;
}

/** The rules that can reject a record. */
export type RecordRule = "names" | "address" | "total" | "required";

/** A broken rule, or a warning. Messages name fields and ids, never values. */
export interface RuleBreach {
  readonly rule: RecordRule | "negative-total";
  readonly message: string;
}

/** What became of one joined entity. */
export type MapOutcome<Record> =
  | { readonly kind: "record"; readonly record: Record; readonly warnings: readonly RuleBreach[] }
  | { readonly kind: "rejected"; readonly breaches: readonly RuleBreach[] };
