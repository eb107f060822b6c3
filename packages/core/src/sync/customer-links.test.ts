import { describe, expect, it } from "vitest";
import { customerLinks, isRowOf } from "./customer-links.js";

describe("what belongs to a customer", () => {
  it("is everything that refers to it, directly", () => {
    expect([...customerLinks].map(({ feed, link }) => `${feed} ${link}`).sort()).toEqual([
      "appointments 0",
      "customer-contacts 0",
      "invoices 0",
      "jobs 1",
      "locations 1",
      "memberships 0",
    ]);
  });

  it.each([
    ["a contact by its customer's id", "customer-contacts", { id: "x", customerId: 7 }, true],
    ["an invoice by its customer", "invoices", { id: 1, customer: { id: 7, name: 5 } }, true],
    ["a contact of another", "customer-contacts", { id: 1, customerId: 77 }, false],
    ["an invoice without a customer", "invoices", { id: 7, customer: null }, false],
    ["a row that is none", "invoices", [7], false],
    ["a row that is nothing", "invoices", null, false],
  ] as const)("among rejected rows knows %s", (_, feed, row, expected) => {
    expect(isRowOf({ feed, entityId: "1", payload: JSON.stringify(row) }, "7")).toBe(expected);
  });

  it("among rejected customers knows the customer itself by the row's id", () => {
    expect(isRowOf({ feed: "customers", entityId: "7", payload: null }, "7")).toBe(true);
    expect(isRowOf({ feed: "customers", entityId: "8", payload: '{"customerId":7}' }, "7")).toBe(false);
    expect(isRowOf({ feed: "invoices", entityId: "8", payload: null }, "7")).toBe(false);
  });
});
