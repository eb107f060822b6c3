import type { CompanyDetails, TitanSync } from "@titan-sync/core";
import { describe, expect, it } from "vitest";
import { addCredential } from "./credential-add.js";

/** Takes every credential, and remembers companies. */
function titanWith(companies: Map<string, CompanyDetails>): Pick<TitanSync, "credentials" | "companies"> {
  const credentials = { create: async () => ({ companyId: "acme" }) };
  return {
    credentials: credentials as unknown as TitanSync["credentials"],
    companies: {
      find: async (id) => companies.get(id) ?? null,
      save: async (id, details) => void companies.set(id, details),
    },
  };
}

const flags = {
  company: "acme",
  tenant: "1001",
  environment: "production",
  clientId: "cid.x",
  test: true,
} as const;
const secrets = { clientSecret: "cs1.x", appKey: "ak1.x" };

describe("the company of a new credential", () => {
  it("gets a trade and a time zone", async () => {
    const companies = new Map<string, CompanyDetails>();
    await addCredential(titanWith(companies), flags, secrets, new AbortController().signal);
    expect(companies.get("acme")).toEqual({ trade: "General", timeZone: "UTC" });
  });

  it("keeps known details that are not given again", async () => {
    const companies = new Map<string, CompanyDetails>([
      ["acme", { trade: "HVAC", importId: 7, timeZone: "America/Chicago" }],
    ]);
    const again = { ...flags, timeZone: "America/Denver" };
    await addCredential(titanWith(companies), again, secrets, new AbortController().signal);
    expect(companies.get("acme")).toEqual({ trade: "HVAC", importId: 7, timeZone: "America/Denver" });
  });
});
