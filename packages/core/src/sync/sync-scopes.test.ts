import { expect, it } from "vitest";
import { plansFor } from "../records/definitions/catalog.js";
import { feeds, type KnownFeedName, shippedCatalog } from "../records/definitions/definitions.js";
import { syncScopes } from "./sync-scopes.js";

it("every feed that a run reads is read with a scope that is listed, once", () => {
  const read = new Set(
    plansFor(shippedCatalog, "both").flatMap(({ driver, related }) => [driver, ...related]),
  );
  expect(syncScopes.flatMap((scope) => scope.feeds).sort()).toEqual([...read].sort());
  for (const { scope, feeds: names } of syncScopes) {
    for (const name of names) expect(feeds[name as KnownFeedName].scope).toBe(scope);
  }
  expect(new Set(syncScopes.map(({ scope }) => scope)).size).toBe(syncScopes.length);
});

it("only the drivers' scopes are required, and they come first", () => {
  expect(syncScopes.map(({ scope, isNeeded }) => [scope, isNeeded]).slice(0, 3)).toEqual([
    ["tn.crm.customers:r", true],
    ["tn.acc.invoices:r", true],
    ["tn.mem.memberships:r", false],
  ]);
  expect(syncScopes.slice(2).some(({ isNeeded }) => isNeeded)).toBe(false);
});
