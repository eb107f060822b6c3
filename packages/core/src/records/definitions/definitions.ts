import type { Feed } from "../../feeds/feed.js";
import { isInactiveInvoice } from "../inactive-invoice.js";
import { isLeftOut } from "../left-out-customer.js";
import { mapInvoice } from "../map-invoice.js";
import { mapMember } from "../map-member.js";
import { createCatalog, type RecordCatalog } from "./catalog.js";
import { describeRecord, type RecordDefinition } from "./define-record.js";
import { invoiceColumnSources, invoiceJoin } from "./invoice.js";
import { memberColumnSources, memberJoin } from "./member.js";

/** A member: a customer with its phones and memberships. */
export const memberDefinition = describeRecord(memberJoin, {
  type: "member",
  columns: memberColumnSources,
  isLeftOut,
  map: mapMember,
});

/** An invoice with its customer, job and place. */
export const invoiceDefinition = describeRecord(invoiceJoin, {
  type: "invoice",
  columns: invoiceColumnSources,
  isLeftOut: isInactiveInvoice,
  map: mapInvoice,
});

/** The record types of this library, in the order in which they are derived. */
export const shippedDefinitions = [memberDefinition, invoiceDefinition] as const;

/** What an instance knows whose host has no record types of its own. */
export const shippedCatalog = createCatalog(shippedDefinitions);

/** The record types of this library, and a host's own behind them. */
export function catalogWith(own: readonly RecordDefinition[]): RecordCatalog {
  return own.length === 0 ? shippedCatalog : createCatalog([...shippedDefinitions, ...own]);
}

type Shipped = (typeof shippedDefinitions)[number];
type RelatedIn<Relations> =
  Relations extends Readonly<Record<string, unknown>>
    ? {
        [Name in keyof Relations]: Relations[Name] extends { readonly feed: infer SomeFeed }
          ? SomeFeed
          : never;
      }[keyof Relations]
    : never;
type ShippedFeed = Shipped["driver"] | RelatedIn<Shipped["relations"]>;

/** The feeds that this library's records are made of. */
export type KnownFeedName = ShippedFeed extends Feed ? ShippedFeed["name"] : never;

/** The same, by name. */
export const feeds = Object.fromEntries(shippedCatalog.feeds) as {
  readonly [Name in KnownFeedName]: Extract<ShippedFeed, { readonly name: Name }>;
};
