import { describe, expect, it } from "vitest";
import { someContext, someCustomer, someMember, undrained } from "./__fixtures__/entities.js";
import type { JoinedMember } from "./definitions/member.js";
import type { MapContext } from "./map-context.js";
import { mapMember } from "./map-member.js";
import type { MemberRecord } from "./record.js";

const membership = { id: 91, customerId: 41, membershipTypeId: 15, status: "Active", to: null };
const membershipType = { id: 15, name: "Gold  Club" };
const enrolled = { memberships: [membership], membershipTypes: [membershipType] };

describe("mapMember", () => {
  it("fills every column", () => {
    const contacts = [{ id: 1, customerId: 41, type: "Phone", value: "5551234567" }];
    expect(mapMember(someMember({ ...enrolled, contacts }), someContext())).toStrictEqual({
      kind: "record",
      record: {
        tenant: "birch-heating",
        trade: "HVAC",
        software: "ServiceTitan",
        customer_id: "41",
        customer_name: "Jane Sample",
        customer_first_name: "Jane",
        customer_last_name: "Sample",
        customer_phone_numbers: "(555) 123-4567",
        customer_phone_number_primary: "(555) 123-4567",
        street: "27 Elm Ct",
        unit: null,
        city: "Aurora",
        state: "IL",
        zip: "60505",
        country: "US",
        hub_plus_import_id: 118,
        active_member: "Yes",
        membership_type: "Gold Club",
        current_status: "Active",
        version: "1733000000",
      },
      warnings: [],
    });
  });

  it.each<[string, Partial<JoinedMember>, Partial<MemberRecord>]>([
    [
      "a status is folded, and only Active makes an active member",
      { ...enrolled, memberships: [{ ...membership, status: "Suspended" }] },
      { current_status: "Inactive", active_member: null },
    ],
    [
      "another status keeps its word",
      { ...enrolled, memberships: [{ ...membership, status: "Expired" }] },
      { current_status: "Expired", active_member: null, membership_type: "Gold Club" },
    ],
    [
      "an active customer without a membership has no status",
      {},
      { current_status: null, active_member: null, membership_type: "Residential" },
    ],
    [
      "a customer that does not say whether it is active is",
      { customer: someCustomer({ active: null }) },
      { current_status: null },
    ],
    [
      "an inactive customer without a membership is Inactive",
      { customer: someCustomer({ active: false }) },
      { current_status: "Inactive", active_member: null },
    ],
    [
      "an inactive customer with a membership has that one's status",
      { ...enrolled, customer: someCustomer({ active: false }) },
      { current_status: "Active", active_member: "Yes" },
    ],
    [
      "an inactive customer whose membership has no status is Inactive",
      { memberships: [{ ...membership, status: " " }], customer: someCustomer({ active: false }) },
      { current_status: "Inactive" },
    ],
    [
      "a membership of an unknown type leaves the customer's",
      { memberships: [membership] },
      { membership_type: "Residential", current_status: "Active" },
    ],
    [
      "a membership type without a name leaves the customer's",
      { ...enrolled, membershipTypes: [{ id: 15, name: " \u00a0" }] },
      { membership_type: "Residential" },
    ],
    [
      "a customer without a type is a Customer",
      { customer: someCustomer({ type: " " }) },
      { membership_type: "Customer" },
    ],
    [
      "a deleted membership is none",
      { ...enrolled, memberships: [{ ...membership, status: "Deleted" }] },
      { membership_type: "Residential", current_status: null },
    ],
    [
      "a merged customer keeps its own data",
      { customer: someCustomer({ active: false, mergedToId: 42 }) },
      { customer_id: "41", current_status: "Inactive" },
    ],
  ])("%s", (_rule, changes, expected) => {
    expect(mapMember(someMember(changes), someContext())).toMatchObject({ kind: "record", record: expected });
  });

  it.each<[string, MapContext["drained"], Partial<JoinedMember>, Partial<MemberRecord>]>([
    [
      "memberships that were never read leave their fields null",
      undrained("memberships"),
      { customer: someCustomer({ active: false }) },
      { membership_type: null, current_status: null, active_member: null },
    ],
    [
      "membership types that were never read leave the type null",
      undrained("membership-types"),
      { memberships: [membership] },
      { membership_type: null, current_status: "Active", active_member: "Yes" },
    ],
    [
      "what a half-read feed has landed counts",
      undrained("memberships", "membership-types"),
      enrolled,
      { membership_type: "Gold Club", current_status: "Active" },
    ],
    [
      "contacts that were never read leave the phones null",
      undrained("customer-contacts"),
      {},
      { customer_phone_numbers: null, customer_phone_number_primary: null },
    ],
  ])("%s", (_rule, drained, changes, expected) => {
    expect(mapMember(someMember(changes), someContext({ drained }))).toMatchObject({
      kind: "record",
      record: expected,
    });
  });
});
