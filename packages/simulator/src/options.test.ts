import { describe, expect, test } from "vitest";
import { createSimulator } from "./simulator.js";

describe("options", () => {
  test("create one tenant with credentials in the documented formats by default", () => {
    const { tenants } = createSimulator({ tenants: [{ customers: 1 }] });
    expect(tenants).toEqual([
      {
        tenantId: "1001",
        environment: "production",
        clientId: expect.stringMatching(/^cid\.[0-9a-z]{25}$/),
        clientSecret: expect.stringMatching(/^cs1\.[0-9a-z]{64}$/),
        appKey: expect.stringMatching(/^ak1\.[0-9a-z]{40}$/),
      },
    ]);
  });

  test("create separate credentials for each tenant, and one app key", () => {
    const tenants = [{ customers: 1 }, { customers: 1, tenantId: "77", environment: "integration" as const }];
    const [one, two] = createSimulator({ tenants }).tenants;
    expect(two).toMatchObject({ tenantId: "77", environment: "integration", appKey: one?.appKey });
    expect(two?.clientId).not.toBe(one?.clientId);
  });

  test.each([
    [{ exportPageSize: 0 }, "exportPageSize must be a number of at least 1, not 0."],
    [{ exportLagMs: -1 }, "exportLagMs must be a number of at least 0, not -1."],
    [{ rateLimitPerSecond: Number.NaN }, "rateLimitPerSecond must be a number of at least 1, not NaN."],
    [{ tenants: [{ tenantId: "a" }] }, 'A tenant id has digits only, not "a".'],
    [{ tenants: [{ tenantId: "1" }, { tenantId: "1" }] }, "Two tenants have the id 1."],
  ])("are refused by name: %j", (options, message) => {
    expect(() => createSimulator(options)).toThrow(message);
  });
});
