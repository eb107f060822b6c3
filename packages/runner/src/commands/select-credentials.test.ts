import type { CredentialManager, CredentialStatus, CredentialSummary, TitanSync } from "@titan-sync/core";
import { describe, expect, it } from "vitest";
import { checkSelector, selectCredentials, selectMany } from "./select-credentials.js";

function credential(id: string, companyId: string, environment: "production" | "integration" = "production") {
  return { id, companyId, environment, tenantId: "1001" } as CredentialSummary;
}

/** A list that is handed out in pages of one. */
function managerOf(...credentials: readonly CredentialSummary[]): CredentialManager {
  const manager: Pick<CredentialManager, "find" | "list"> = {
    find: async (id) => credentials.find((candidate) => candidate.id === id) ?? null,
    async list({ companyId, environment }, { cursor }) {
      const matching = credentials.filter(
        (candidate) =>
          (companyId === undefined || candidate.companyId === companyId) &&
          (environment === undefined || candidate.environment === environment),
      );
      const place = Number(cursor ?? 0);
      const next = place + 1 < matching.length ? String(place + 1) : null;
      return { items: matching.slice(place, place + 1), next };
    },
  };
  return manager as CredentialManager;
}

const alpha = credential("a", "alpha");
const alphaIntegration = credential("i", "alpha", "integration");
const beta = credential("b", "beta");

describe("selecting credentials", () => {
  const manager = managerOf(alpha, alphaIntegration, beta);

  it("selects one by its id", async () => {
    expect(await selectCredentials(manager, { credential: "b" })).toEqual([beta]);
    await expect(selectCredentials(manager, { credential: "x" })).rejects.toThrow("no credential x");
  });

  it("selects a company's, in one environment or both", async () => {
    expect(await selectCredentials(manager, { company: "alpha" })).toEqual([alpha, alphaIntegration]);
    expect(await selectCredentials(manager, { company: "alpha", environment: "integration" })).toEqual([
      alphaIntegration,
    ]);
    await expect(selectCredentials(manager, { company: "beta", environment: "integration" })).rejects.toThrow(
      "Company beta has no integration credential",
    );
  });

  it("selects all", async () => {
    expect(await selectCredentials(manager, { all: true })).toHaveLength(3);
  });

  it("selects all of one environment", async () => {
    expect(await selectCredentials(manager, { all: true, environment: "integration" })).toEqual([
      alphaIntegration,
    ]);
    await expect(
      selectCredentials(managerOf(beta), { all: true, environment: "integration" }),
    ).rejects.toThrow("There is no integration credential yet.");
  });

  it("selects the only one without a selector, and lists the choices if there are more", async () => {
    expect(await selectCredentials(managerOf(beta), {})).toEqual([beta]);
    await expect(selectCredentials(manager, {})).rejects.toMatchObject({
      message: expect.stringContaining("3 credentials"),
      hint: expect.stringMatching(/a {2}alpha, production.*\n.*i {2}alpha, integration.*\n.*b {2}beta/),
    });
  });

  it("says how to add one if there is none", async () => {
    await expect(selectCredentials(managerOf(), {})).rejects.toMatchObject({
      hint: expect.stringContaining("credential add"),
    });
  });

  it.each([
    { credential: "a", all: true },
    { company: "alpha", all: true },
    { credential: "a", company: "alpha" },
    { environment: "production" as const },
  ])("refuses %j", (selector) => {
    expect(() => checkSelector(selector)).toThrow(/only one|requires/);
  });
});

describe("selecting credentials of several companies", () => {
  const gamma = credential("g", "gamma");
  const asked: unknown[] = [];
  const titan = {
    credentials: managerOf(alpha, alphaIntegration, beta, gamma),
    status: {
      async list(filter: unknown) {
        asked.push(filter);
        const items = ["i", "g"].map((credentialId) => ({ credentialId }) as CredentialStatus);
        return { items, next: null };
      },
    },
  } as unknown as Pick<TitanSync, "credentials" | "status">;

  it("selects those of each, once, and complains about a company without any", async () => {
    expect(await selectMany(titan, { company: ["alpha", "gamma", "alpha"] })).toEqual([
      alpha,
      alphaIntegration,
      gamma,
    ]);
    await expect(selectMany(titan, { company: ["alpha", "delta"] })).rejects.toThrow("Company delta has no");
  });

  it("selects those in a state, and none if none is in it", async () => {
    expect(await selectMany(titan, { all: true, state: ["failing", "late"] })).toEqual([
      alphaIntegration,
      gamma,
    ]);
    expect(asked).toEqual([{ companyIds: undefined, environment: undefined, states: ["failing", "late"] }]);
    expect(await selectMany(titan, { company: ["beta"], state: ["failing"] })).toEqual([]);
    expect(() => checkSelector({ credential: "a", state: ["late"] })).toThrow("--state requires");
  });
});
