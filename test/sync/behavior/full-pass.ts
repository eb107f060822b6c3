import { describe, expect, test } from "vitest";
import { createWorld, type Stores } from "../world.js";

/** What a full pass removes, and what it corrects. */
export function describeFullPass(stores: () => Stores): void {
  describe("a full pass", () => {
    test("removes entities that have disappeared", async () => {
      const world = await createWorld(stores());
      await world.sync();
      const [id] = [...(await world.records("member")).keys()];
      world.simulator.mutate(world.tenantId, { kind: "delete", feed: "customers", id: Number(id) });
      const incremental = await world.sync();
      expect(incremental.ledger.successful).toBe(0);
      const full = await world.sync({ mode: "full" });
      expect(full.ledger.records.member).toMatchObject({ removed: 1 });
      expect(full.ledger.records.member?.derived).toBe(40);
      expect((await world.records("member")).has(id ?? "")).toBe(false);
    });

    test("removes nothing when more than 5% are gone, unless allowed", async () => {
      const world = await createWorld(stores());
      await world.sync();
      const gone = [...(await world.records("member")).keys()].slice(0, 4);
      const deletions = gone.map((id) => ({ kind: "delete", feed: "customers", id: Number(id) }) as const);
      world.simulator.mutate(world.tenantId, ...deletions);
      const held = await world.sync({ mode: "full" });
      expect(held.warnings).toContainEqual(expect.objectContaining({ code: "REMOVALS_HELD_BACK", count: 4 }));
      expect(held.ledger.records.member?.removed).toBe(0);
      const allowed = await world.sync({ mode: "full", allowRemovals: true });
      expect(allowed.ledger.records.member?.removed).toBe(4);
    });

    test("keeps what only the most recent changes show", async () => {
      const world = await createWorld(stores());
      world.simulator.mutate(world.tenantId, {
        kind: "edit",
        feed: "customers",
        id: Number(world.simulator.rows(world.tenantId, "customers")[0]?.id),
        set: { name: "Just Now" },
      });
      await world.sync({ fresh: true });
      const full = await world.sync({ mode: "full" });
      expect(full.ledger.records.member?.removed).toBe(0);
      expect(full.warnings.map((warning) => warning.code)).not.toContain("REMOVALS_HELD_BACK");
    });

    test("that is paused continues where it stopped and still removes only what has disappeared", async () => {
      const world = await createWorld(stores(), { simulator: { exportPageSize: 5, latencyMs: 3 } });
      await world.sync();
      const [id] = [...(await world.records("member")).keys()];
      world.simulator.mutate(world.tenantId, { kind: "delete", feed: "customers", id: Number(id) });
      let result = await world.sync({ mode: "full", stopAfterMs: 30 });
      let pauses = 0;
      // Longer each time, so that a slow machine gets somewhere.
      while (result.status === "paused" && pauses < 12) {
        pauses += 1;
        result = await world.sync({ mode: "full", stopAfterMs: 30 * 2 ** pauses });
      }
      expect(pauses).toBeGreaterThan(0);
      expect(result.status).toBe("completed");
      expect(result.ledger.records.member?.removed).toBe(1);
    });
  });

  describe("a credential that was removed with its data and created again", () => {
    test("is not ignored by a sink that has the tenant's records at higher revisions", async () => {
      const world = await createWorld(stores(), { tenant: { customers: 30, invoices: 0 } });
      const { simulator, tenantId, companyId } = world;
      await world.sync({ data: "customers" });
      const [renamed, vanished] = [...(await world.records("member")).keys()].map(Number);
      const row = simulator.rows(tenantId, "customers").find(({ id }) => id === vanished);
      const rename = (name: string) =>
        simulator.mutate(tenantId, {
          kind: "edit",
          feed: "customers",
          id: renamed ?? 0,
          set: { name, type: "Commercial" },
        });
      for (const name of ["Second Name", "Third Name"]) {
        rename(name);
        await world.sync({ data: "customers", fresh: true });
      }
      simulator.mutate(tenantId, { kind: "delete", feed: "customers", id: vanished ?? 0 });
      await world.sync({ data: "customers", mode: "full", allowRemovals: true });
      expect((await world.records("member")).has(String(vanished))).toBe(false);

      await world.titan.credentials.remove(world.credentialId, { withData: true, force: true });
      rename("Fourth Name");
      simulator.mutate(tenantId, { kind: "add", feed: "customers", row: { ...row } });
      const [tenant] = simulator.tenants;
      if (tenant === undefined) throw new Error("The simulator has no tenant.");
      const { id: credentialId } = await world.titan.credentials.create({ companyId, ...tenant });
      const run = await world.titan.sync({ credentialId, data: "customers", fresh: true });
      expect(await run.result).toMatchObject({ status: "completed" });
      const records = await world.records("member");
      expect(records.get(String(renamed))?.["customer_name"]).toBe("Fourth Name");
      expect(records.has(String(vanished))).toBe(true);
    });
  });
}
