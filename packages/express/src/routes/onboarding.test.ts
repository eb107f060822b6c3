import { syncScopes } from "@titan-sync/core";
import { expect, it } from "vitest";
import { onboarding, scopeUses } from "./onboarding.js";

it("reports exactly the scopes that syncs use, whether each is required, and what for", () => {
  expect(onboarding.scopes.map(({ scope, needed }) => ({ scope, isNeeded: needed }))).toEqual(
    syncScopes.map(({ scope, isNeeded }) => ({ scope, isNeeded })),
  );
  // A feed that is new in core has to be put into words here.
  expect(Object.keys(scopeUses).sort()).toEqual(syncScopes.map(({ scope }) => scope).sort());
  for (const { scope, usedFor } of onboarding.scopes) expect(usedFor).toBe(scopeUses[scope]);
});
