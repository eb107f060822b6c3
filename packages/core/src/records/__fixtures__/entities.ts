import type { FeedName } from "../../feeds/feed.js";
import { defaultRules } from "../company-rules.js";
import { noCustomColumns } from "../custom-columns.js";
import { unrelatedIn } from "../definitions/define-join.js";
import { feeds } from "../definitions/definitions.js";
import { invoiceJoin, type JoinedInvoice } from "../definitions/invoice.js";
import { type JoinedMember, memberJoin } from "../definitions/member.js";
import type { CompanyProfile, MapContext } from "../map-context.js";

// Valid entities, for tests that change one thing.

const address = {
  street: "27 Elm Ct",
  unit: null,
  city: "Aurora",
  state: "IL",
  zip: "60505",
  country: "USA",
};

export function someMember(changes: Partial<JoinedMember> = {}): JoinedMember {
  return { ...unrelatedIn(memberJoin), customer: someCustomer(), ...changes } as JoinedMember;
}

export function someCustomer(changes: Partial<JoinedMember["customer"]> = {}): JoinedMember["customer"] {
  return { id: 41, active: true, name: "Jane Sample", type: "Residential", address, ...changes };
}

export function someInvoice(changes: Partial<JoinedInvoice> = {}): JoinedInvoice {
  return {
    ...unrelatedIn(invoiceJoin),
    invoice: someInvoiceRow(),
    customer: someCustomer(),
    ...changes,
  } as JoinedInvoice;
}

export function someInvoiceRow(changes: Partial<JoinedInvoice["invoice"]> = {}): JoinedInvoice["invoice"] {
  return {
    id: 31,
    active: true,
    referenceNumber: "INV-31",
    invoiceDate: "2024-03-01T00:00:00Z",
    total: "126.44",
    summary: null,
    customer: { id: 41, name: "Jane Sample" },
    locationAddress: address,
    customerAddress: null,
    job: null,
    ...changes,
  };
}

export function someContext(
  changes: Partial<Omit<MapContext, "company">> & { readonly company?: Partial<CompanyProfile> } = {},
): MapContext {
  return {
    version: "1733000000",
    drained: new Set(Object.keys(feeds) as FeedName[]),
    ...changes,
    company: {
      companyId: "birch-heating",
      trade: "HVAC",
      importId: 118,
      timeZone: "UTC",
      rules: defaultRules,
      columns: noCustomColumns,
      feedsOff: [],
      acceptAbsent: [],
      ...changes.company,
    },
  };
}

/** All feeds but these have been read to their end. */
export function undrained(...missing: FeedName[]): ReadonlySet<FeedName> {
  return new Set((Object.keys(feeds) as FeedName[]).filter((feed) => !missing.includes(feed)));
}
