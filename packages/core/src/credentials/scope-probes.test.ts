import { expect, it } from "vitest";
import { ConfigError } from "../errors.js";
import { feeds, shippedCatalog } from "../records/definitions/definitions.js";
import { scopeProbes } from "./scope-probes.js";

const all = Object.values(feeds);

it("asks once for each scope that a feed needs", () => {
  const scopes = scopeProbes(shippedCatalog).map((probe) => probe.scope);

  expect(new Set(scopes)).toEqual(new Set(all.map((feed) => feed.scope)));
  expect(scopes).toHaveLength(new Set(scopes).size);
});

it("starts with the scopes that a sync cannot do without", () => {
  const probes = scopeProbes({ ...shippedCatalog, feeds: new Map([...shippedCatalog.feeds].toReversed()) });

  expect(probes.map((probe) => probe.isDriver).slice(0, 3)).toEqual([true, true, false]);
  expect(probes[0]).toEqual({
    scope: "tn.crm.customers:r",
    feeds: ["customers", "customer-contacts"],
    isDriver: true,
    module: "crm",
    path: "customers",
  });
});

it("refuses an empty list", () => {
  expect(() => scopeProbes({ ...shippedCatalog, feeds: new Map() })).toThrow(ConfigError);
});
