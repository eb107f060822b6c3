import { customerContacts } from "../../feeds/customer-contacts.js";
import { customers } from "../../feeds/customers.js";
import { membershipTypes } from "../../feeds/membership-types.js";
import { memberships } from "../../feeds/memberships.js";
import { defineRecord, type JoinedOf, many, one } from "./define-record.js";

/** A member: a customer with its phones and memberships. */
export const memberDefinition = defineRecord({
  type: "member",
  driver: customers,
  driverName: "customer",
  relations: {
    contacts: many(customerContacts, { of: "customer", link: "customer" }),
    memberships: many(memberships, { of: "customer", link: "customer" }),
    membershipTypes: one(membershipTypes, { of: "memberships", link: "type" }),
  },
  // The membership that speaks for the customer, and its type.
  choices: { membership: "memberships", membershipType: "membershipTypes" },
});

/** A customer with everything landed that its record needs. */
export type JoinedMember = JoinedOf<typeof memberDefinition>;
