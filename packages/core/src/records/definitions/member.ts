import { customerContacts } from "../../feeds/customer-contacts.js";
import { customers } from "../../feeds/customers.js";
import { membershipTypes } from "../../feeds/membership-types.js";
import { memberships } from "../../feeds/memberships.js";
import type { MemberRecord } from "../record.js";
import { hostColumns, prints } from "./common-columns.js";
import { defineJoin, type JoinedOf, many, one } from "./define-join.js";
import { defineColumns } from "./define-record.js";

/** What a member is joined of: a customer with its phones and memberships. */
export const memberJoin = defineJoin({
  driver: customers,
  driverName: "customer",
  relations: {
    contacts: many(customerContacts, { of: "customer", link: "customer" }),
    memberships: many(memberships, { of: "customer", link: "customer" }),
    membershipTypes: one(membershipTypes, { of: "memberships", link: "type" }),
  },
  // The membership that represents the customer, and its type.
  choices: { membership: "memberships", membershipType: "membershipTypes" },
});

/** A customer with everything landed that its record needs. */
export type JoinedMember = JoinedOf<typeof memberJoin>;

const phoneFields = ["contacts.active", "contacts.type", "contacts.value"] as const;
/** They decide which membership represents the customer, and its values. */
const membershipFields = ["memberships.status", "memberships.from", "memberships.to"] as const;

/** Where each column of a member's record comes from. */
export const memberColumnSources = defineColumns(memberJoin)<MemberRecord>({
  tenant: hostColumns.tenant,
  trade: hostColumns.trade,
  software: hostColumns.software,
  customer_id: { from: "`customer.id`", reads: ["customer.id"], isOptional: true },
  customer_name: { from: "`customer.name`", reads: ["customer.name"], isOptional: true },
  customer_first_name: {
    from: "`customer.name`",
    reads: ["customer.name", "customer.type"],
    prints: `first: ${prints.split}`,
    isOptional: true,
  },
  customer_last_name: {
    from: "`customer.name`",
    reads: ["customer.name", "customer.type"],
    prints: `last: ${prints.split}`,
    isOptional: true,
  },
  customer_phone_numbers: { ...hostColumns.phoneNumbers, reads: phoneFields },
  customer_phone_number_primary: { ...hostColumns.primaryPhone, reads: phoneFields },
  street: { from: "`customer.address.street`", reads: ["customer.address.street"] },
  unit: { from: "`customer.address.unit`", reads: ["customer.address.unit"], isOptional: true },
  city: { from: "`customer.address.city`", reads: ["customer.address.city"] },
  state: { from: "`customer.address.state`", reads: ["customer.address.state"] },
  zip: { from: "`customer.address.zip`", reads: ["customer.address.zip"] },
  country: {
    from: "`customer.address.country`",
    reads: ["customer.address.country"],
    prints: prints.country,
    isOptional: true,
  },
  hub_plus_import_id: hostColumns.importId,
  active_member: {
    from: "`current_status`",
    reads: [...membershipFields, "customer.active"],
    prints: "`Yes` when it is `Active`, whatever the case; else empty",
    isOptional: true,
  },
  membership_type: {
    from: "`membershipType.name`; else `customer.type`; else `Customer`",
    reads: [...membershipFields, "membershipTypes.name", "customer.type"],
    isOptional: true,
  },
  current_status: {
    from: "`membership.status`; without a membership `Inactive` for an inactive customer, else empty",
    reads: [...membershipFields, "customer.active"],
    prints:
      "active, current, enabled, good as `Active`; inactive, disabled, deactivated, suspended as `Inactive`; pending, new as `Pending`; others as given",
    isOptional: true,
  },
  version: { from: "the run's start in epoch seconds", reads: [] },
});
