import { ValidationError } from "@titan-sync/core";
import { describe, expect, test } from "vitest";
import { createWorld, type Stores } from "../world.js";

/** Requests for many credentials, and requests that are refused. */
export function describeRequests(stores: () => Stores): void {
  describe("all credentials at once", () => {
    test("one tenant's failure stops no other, and each reports its own figures", async () => {
      const world = await createWorld(stores());
      const other = await world.titan.credentials.create({
        companyId: world.companyId,
        environment: "integration",
        tenantId: world.tenantId,
        clientId: "cid.unknown",
        clientSecret: "cs1.unknown",
        appKey: "ak1.unknown",
      });
      const handle = await world.titan.syncAll({ filter: { companyId: world.companyId } });
      const { status, tenants, totals } = await handle.result;
      expect(status).toBe("partial");
      const outcomes = new Map(tenants.map((tenant) => [tenant.credentialId, tenant]));
      expect(outcomes.get(other.id)).toMatchObject({ status: "failed", environment: "integration" });
      expect(outcomes.get(world.credentialId)).toMatchObject({ status: "completed", error: null });
      expect(totals.processed).toBe(outcomes.get(world.credentialId)?.result?.ledger.processed);
      expect((await world.records("invoice")).size).toBeGreaterThan(70);
    });
  });

  describe("invalid requests", () => {
    test("an unknown credential is refused", async () => {
      const world = await createWorld(stores());
      await expect(world.sync({ credentialId: "nobody" })).rejects.toBeInstanceOf(ValidationError);
    });

    test("an unknown company is refused with what to do", async () => {
      const world = await createWorld(stores(), { titan: { company: async () => null } });
      await expect(world.sync()).rejects.toMatchObject({
        code: "CONFIG_INVALID",
        hint: expect.any(String),
      });
    });
  });
}
