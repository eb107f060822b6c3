import { describe, expect, it } from "vitest";
import { feeds, type KnownFeedName, shippedCatalog } from "../records/definitions/definitions.js";
import { namedByRaw, type Ownership, ownershipIn } from "./customer-links.js";

const { customerLinks, innerLinks } = ownershipIn(shippedCatalog.feeds);
const names = (links: Ownership["customerLinks"]) =>
  links.map(({ feed, link, target }) => `${feed} ${link} ${target}`);

describe("what belongs to a customer", () => {
  it("is everything that refers to it, including duplicates that were merged into it", () => {
    expect(names(customerLinks).sort()).toEqual([
      "appointments customer customers",
      "customer-contacts customer customers",
      "customers mergedInto customers",
      "invoices customer customers",
      "jobs customer customers",
      "locations customer customers",
      "memberships customer customers",
    ]);
  });

  it("has links within itself", () => {
    expect(names(innerLinks).sort()).toEqual([
      "invoices job jobs",
      "invoices location locations",
      "jobs firstAppointment appointments",
    ]);
  });

  it.each([
    ["a contact by its customer's id", "customer-contacts", { id: "x", customerId: 7 }, ["7"]],
    ["an id that is a text", "jobs", { id: 1, customerId: " 007 " }, ["7"]],
    ["an invoice by its customer", "invoices", { id: 1, customer: { id: 7, name: 5 } }, ["7"]],
    ["an invoice by what another feed calls it", "invoices", { id: 1, customer: "?", customerId: 7 }, ["7"]],
    ["an id beyond 2^53", "jobs", { id: 1, customerId: 9007199254740993n }, ["9007199254740993"]],
    ["the contact of another", "customer-contacts", { id: 1, customerId: 77 }, ["77"]],
    ["an invoice without a customer", "invoices", { id: 7, customer: null }, []],
    ["an id that is none", "jobs", { id: 7, customerId: { of: 7 } }, []],
    ["no customer", "jobs", { id: 7, customerId: 0 }, []],
    ["a row that is a list", "invoices", [7], []],
    ["a row that is nothing", "invoices", null, []],
    ["a feed that is nobody's", "zones", { id: 1, customerId: 7 }, []],
  ] as const)("finds the customer of a broken row %s", (_, feed, row, expected) => {
    expect(namedByRaw(feeds[feed as KnownFeedName], "1", row).customers).toEqual(expected);
  });

  it("finds a broken customer itself, and what it was merged into", () => {
    expect(namedByRaw(feeds.customers, "7", { mergedToId: "8" }).customers).toEqual(["7", "8"]);
    expect(namedByRaw(feeds.customers, "7", { customerId: 9 }).customers).toEqual(["7"]);
  });
});
