import { describe, expect, it } from "vitest";
import { customerContacts } from "../feeds/customer-contacts.js";
import { customers } from "../feeds/customers.js";
import type { Feed } from "../feeds/feed.js";
import { invoices } from "../feeds/invoices.js";
import { zones } from "../feeds/zones.js";
import { goldenCases } from "./__fixtures__/golden-cases.js";
import { joinEntities } from "./__fixtures__/join.js";
import { checkMapping } from "./check-mapping.js";
import type { CompanyMapping } from "./company-mapping.js";
import { defaultRules } from "./company-rules.js";
import { noCustomColumns } from "./custom-columns.js";
import { planFor } from "./definitions/catalog.js";
import { shippedCatalog } from "./definitions/definitions.js";
import { isInactiveInvoice } from "./inactive-invoice.js";
import { isLeftOut } from "./left-out-customer.js";
import { mapInvoice } from "./map-invoice.js";
import { mapMember } from "./map-member.js";
import type { RecordType } from "./record.js";
import { shownFieldsOf } from "./shown-fields.js";

const used = (feed: Feed, mapping: CompanyMapping) =>
  shownFieldsOf(shippedCatalog, feed, checkMapping(shippedCatalog, mapping).columns);

describe("the fields that records use", () => {
  it("are those of the schema, except the time of the change", () => {
    const fields = used(customers, {});
    expect(fields).toEqual(["active", "address", "id", "mergedToId", "name", "type"]);
    expect(used(zones, {})).toEqual(["id", "name"]);
  });

  it("include those that the paths of a company's columns start with", () => {
    const mapping: CompanyMapping = {
      member: {
        gate: "customer.customFields[name=Gate code].value",
        email: "contacts[memo=Work].preferences",
      },
      invoice: { owed: { from: "customer.balance", as: "text" }, changed: "invoice.modifiedOn" },
    };
    expect(used(customers, mapping)).toEqual([
      "active",
      "address",
      "balance",
      "customFields",
      "id",
      "mergedToId",
      "name",
      "type",
    ]);
    expect(used(customerContacts, mapping)).toEqual(
      expect.arrayContaining(["memo", "preferences", "type", "value"]),
    );
    expect(used(invoices, mapping)).toContain("modifiedOn");
    expect(used(zones, mapping)).toEqual(["id", "name"]);
  });

  it("may be any field if a column is a function of the joined entities", () => {
    const mapping: CompanyMapping = { member: { any: ({ customer }) => customer.name ?? null } };
    expect(used(customers, mapping)).toBeNull();
    expect(used(customerContacts, mapping)).toBeNull();
    expect(used(invoices, mapping)).toEqual(shownFieldsOf(shippedCatalog, invoices, noCustomColumns));
  });

  it("are all fields that the maps read from a row", () => {
    const read = new Map<string, Set<string>>();
    const company = {
      companyId: "acme",
      trade: null,
      importId: null,
      timeZone: "UTC",
      rules: { ...defaultRules, leaveOutInactiveCustomers: true, leaveOutMergedCustomers: true },
      columns: noCustomColumns,
      feedsOff: [],
      acceptAbsent: [],
    };
    const context = { company, version: "1", drained: new Set<string>() };
    for (const { entities } of [...goldenCases("members"), ...goldenCases("invoices")]) {
      const { members, invoices: joinedInvoices } = joinEntities(entities);
      for (const joined of members) {
        const watched = watchAll("member", joined, read);
        isLeftOut(watched.customer, company.rules);
        mapMember(watched, context);
      }
      for (const joined of joinedInvoices) {
        const watched = watchAll("invoice", joined, read);
        isInactiveInvoice(watched.invoice);
        mapInvoice(watched, context);
      }
    }
    expect(read.size).toBeGreaterThan(7);
    for (const root of shippedCatalog.plans.flatMap(({ roots }) => Object.values(roots))) {
      const fields = shownFieldsOf(shippedCatalog, root.feed, noCustomColumns);
      for (const field of read.get(root.feed.name) ?? []) expect(fields).toContain(field);
    }
  });
});

/** The same joined entities, which tell what is read of their rows. */
function watchAll<Joined extends object>(
  type: RecordType,
  joined: Joined,
  read: Map<string, Set<string>>,
): Joined {
  const watched = Object.entries(joined).map(([name, value]) => {
    const feed = planFor(shippedCatalog, type).roots[name]?.feed.name ?? name;
    const fields = read.get(feed) ?? new Set();
    read.set(feed, fields);
    const watch = (row: unknown) => (typeof row === "object" && row !== null ? watchRow(row, fields) : row);
    return [name, Array.isArray(value) ? value.map(watch) : watch(value)];
  });
  return Object.fromEntries(watched) as Joined;
}

function watchRow(row: object, fields: Set<string>): object {
  return new Proxy(row, {
    get(target, name) {
      if (typeof name === "string") fields.add(name);
      return Reflect.get(target, name) as unknown;
    },
  });
}
