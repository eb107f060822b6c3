import { expect, test } from "vitest";
import { plansFor } from "../records/definitions/catalog.js";
import { feeds, shippedCatalog } from "../records/definitions/definitions.js";

const all = Object.values(feeds);
const known: readonly string[] = Object.keys(feeds);

test("feeds are listed under their names", () => {
  expect(all.map((feed) => feed.name)).toEqual(known);
});

test("links and plans name existing feeds", () => {
  const links = all.flatMap((feed) => feed.links.map((link) => link.feed));
  const plans = plansFor(shippedCatalog, "both").flatMap((plan) => [
    ...plan.touches.keys(),
    ...[...plan.touches.values()].flat().map((touch) => touch.feed),
    ...plan.expansions.flatMap((step) => [step.feed, step.child, ...(step.target ? [step.target.feed] : [])]),
  ]);
  for (const name of [...links, ...plans]) expect(known).toContain(name);
});

test("no feed has more links than PostgreSQL can store", () => {
  for (const feed of all) expect(feed.links.length).toBeLessThanOrEqual(3);
});

test("each field that a schema names is documented, and named once", () => {
  for (const feed of all) {
    const documented = [...feed.fields.always, ...feed.fields.sometimes];
    expect(new Set(documented).size).toBe(documented.length);
    for (const field of Object.keys(feed.schema.shape)) expect(documented).toContain(field);
  }
});

test("a feed whose rows name a customer has a link to it, so that they are erased with the customer", () => {
  for (const { name, fields, links } of all) {
    const documented = [...fields.always, ...fields.sometimes];
    const namesCustomer = documented.includes("customerId") || documented.includes("customer");
    expect([name, links.some((link) => link.feed === "customers")]).toEqual([
      name,
      namesCustomer || name === "customers",
    ]);
  }
});

test("only feeds whose list is sorted can be read in parallel", () => {
  for (const feed of all) if (feed.listEqualsExport) expect(feed.listSort).toBe("+Id");
});
