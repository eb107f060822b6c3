import { describe, expect, test } from "vitest";
import { createWorld, type Stores } from "../world.js";
import { entitiesNamed, pickCustomer } from "./customer-to-erase.js";
import { expectBalanced } from "./expect-balanced.js";

/** What erasing a customer removes, and what stays away afterwards. */
export function describeErasing(stores: () => Stores): void {
  describe("erasing a customer", () => {
    test("leaves nothing of it in storage and sink, and keeps everything of others", async () => {
      const world = await createWorld(stores());
      await world.sync();
      const { companyId } = world;
      const { customerId, invoiceIds } = await pickCustomer(world);
      const before = { members: await world.records("member"), invoices: await world.records("invoice") };
      expect(await entitiesNamed(world, `"customerId":${customerId},`)).not.toEqual([]);
      const erased = await world.titan.erase({ companyId, customerId, actor: "officer" });
      expect(erased).toMatchObject({ remaining: [], suppressed: true });
      expect(erased.entities).toBeGreaterThan(1 + invoiceIds.length);
      expect(await entitiesNamed(world, `"customerId":${customerId},`)).toEqual([]);
      expect(await entitiesNamed(world, `"customer":{"id":${customerId},`)).toEqual([]);
      const members = await world.records("member");
      const invoices = await world.records("invoice");
      expect([...before.members.keys()].filter((id) => !members.has(id))).toEqual([customerId]);
      const gone = [...before.invoices.keys()].filter((id) => !invoices.has(id));
      expect(gone.every((id) => invoiceIds.includes(id))).toBe(true);
      expect(erased.records).toBe(1 + gone.length);
      const current = await world.titan.records.list({ record: "invoice", companyId }, { limit: 500 });
      expect(current.items.map((item) => item.id)).toEqual([...invoices.keys()]);
      const audit = await world.titan.audit.list({ companyId }, { limit: 5 });
      expect(audit.items[0]).toMatchObject({
        actor: "officer",
        action: "customer:erase",
        subject: await world.titan.suppressions.hashOf({ companyId, customerId }),
        outcome: "success",
      });
      expect(JSON.stringify(audit.items)).not.toContain(`"${customerId}"`);
    });

    test("leaves nothing of it in refused records of others that were joined with its job", async () => {
      let refused: string | null = null;
      const ownerOf = new Map<string, string | null>();
      const world = await createWorld(stores(), {
        titan: {
          sink: async ({ record, items }) => {
            for (const item of items)
              if (record === "invoice" && item.op === "upsert")
                ownerOf.set(item.key, item.record.customer_id);
            const isRefused = ({ key, op }: (typeof items)[number]) => key === refused && op === "upsert";
            return { rejected: items.filter(isRefused).map(({ key }) => ({ key, reason: "locked" })) };
          },
        },
      });
      await world.sync();
      const { companyId, simulator, tenantId } = world;
      const job = simulator.rows(tenantId, "jobs")[0];
      const customerId = String(job?.["customerId"]);
      refused = [...ownerOf].find(([, owner]) => owner !== customerId)?.[0] ?? null;
      simulator.mutate(
        tenantId,
        { kind: "edit", feed: "jobs", id: Number(job?.id), set: { summary: "the erased one's words" } },
        { kind: "edit", feed: "invoices", id: Number(refused), set: { job: { id: job?.id, number: "1" } } },
      );
      await world.sync({ fresh: true });
      const payloads = async () =>
        (await world.titan.rejections.list({ companyId, stage: "sink" }, { limit: 9 })).items.map(
          ({ payload }) => payload,
        );
      expect(await payloads()).toEqual([expect.stringContaining("the erased one's words")]);

      expect((await world.titan.erase({ companyId, customerId })).rejections).toBeGreaterThan(0);
      expect((await payloads()).join()).not.toContain("the erased one's words");
      // Derived again without it, and refused again: nothing of the other's is lost.
      await world.sync();
      expect(await payloads()).toEqual([expect.stringContaining(`"invoice_number"`)]);
      expect((await payloads()).join()).not.toContain("the erased one's words");
    });

    test("without suppression lasts until the customer is read again", async () => {
      const world = await createWorld(stores());
      await world.sync();
      const { companyId } = world;
      const { customerId } = await pickCustomer(world);
      expect(await world.titan.erase({ companyId, customerId, suppress: false })).toMatchObject({
        suppressed: false,
      });
      await world.sync();
      expect((await world.records("member")).has(customerId)).toBe(false);
      expect(await world.titan.erase({ companyId, customerId, suppress: false })).toMatchObject({
        entities: 0,
        records: 0,
      });
      await world.sync({ mode: "full" });
      expect((await world.records("member")).has(customerId)).toBe(true);
    });

    test("suppresses it on every read path, counts its rows, and removes nothing else because of it", async () => {
      const world = await createWorld(stores());
      await world.sync();
      const { companyId, titan } = world;
      const { customerId, invoiceIds } = await pickCustomer(world);
      await titan.erase({ companyId, customerId });
      const before = { members: await world.records("member"), invoices: await world.records("invoice") };

      const full = await world.sync({ mode: "full" });
      expect(full).toMatchObject({ status: "completed" });
      expectBalanced(full);
      expect(full.ledger.feeds["customers"]?.suppressed).toBe(1);
      expect(full.ledger.feeds["invoices"]?.suppressed).toBe(invoiceIds.length);
      expect(full.warnings.map((warning) => warning.code)).not.toContain("REMOVALS_HELD_BACK");
      const range = await world.sync({ from: "2000-01-01", by: "modified" });
      expectBalanced(range);
      expect(range.ledger.feeds["invoices"]?.suppressed).toBe(invoiceIds.length);
      expect((await world.sync({ mode: "full", dryRun: true })).ledger.feeds["customers"]?.suppressed).toBe(
        1,
      );
      await (await titan.rejections.replay({ credentialId: world.credentialId })).result;

      expect(await entitiesNamed(world, `"customerId":${customerId},`)).toEqual([]);
      expect(await entitiesNamed(world, `"customer":{"id":${customerId},`)).toEqual([]);
      expect([...(await world.records("member")).keys()]).toEqual([...before.members.keys()]);
      expect([...(await world.records("invoice")).keys()]).toEqual([...before.invoices.keys()]);
    });

    test("restores it completely with the next full sync once it is lifted, and shows that", async () => {
      const world = await createWorld(stores());
      await world.sync();
      const { companyId, titan } = world;
      const { customerId } = await pickCustomer(world);
      const before = { members: await world.records("member"), invoices: await world.records("invoice") };
      await titan.erase({ companyId, customerId });
      const hash = await titan.suppressions.hashOf({ companyId, customerId });
      const { items } = await titan.suppressions.list({ companyId }, { limit: 9 });
      expect(items).toMatchObject([{ customer: hash, scope: { companyId, tenantId: world.tenantId } }]);
      expect(await titan.suppressions.find({ companyId, customerId })).toEqual(items);
      expect(await titan.suppressions.find({ companyId, customerId: "99" })).toEqual([]);
      expect(await titan.suppressions.lift({ companyId: "nobody", customerId })).toBe(0);
      expect(await titan.suppressions.lift({ companyId, customerId, environment: "integration" })).toBe(0);
      expect(await titan.suppressions.lift({ companyId, customerId, actor: "officer" })).toBe(1);
      const audit = await titan.audit.list({ companyId }, { limit: 1 });
      expect(audit.items[0]).toMatchObject({ actor: "officer", action: "suppression:lift", subject: hash });
      expect((await world.sync({ mode: "full" })).ledger.feeds["customers"]?.suppressed).toBe(0);
      expect([...(await world.records("member")).keys()]).toEqual([...before.members.keys()]);
      expect([...(await world.records("invoice")).keys()]).toEqual([...before.invoices.keys()]);
    });

    test("suppresses a customer that was erased before its tenant was ever synced", async () => {
      const world = await createWorld(stores());
      const { companyId } = world;
      const customerId = String(world.simulator.rows(world.tenantId, "customers")[0]?.id);
      expect(await world.titan.erase({ companyId, customerId })).toMatchObject({
        entities: 0,
        suppressed: true,
      });
      const first = await world.sync({ data: "customers" });
      expect(first.ledger.feeds["customers"]?.suppressed).toBe(1);
      expect((await world.records("member")).has(customerId)).toBe(false);
    });

    test("is refused while a run of the tenant is in progress", async () => {
      const world = await createWorld(stores(), { simulator: { latencyMs: 10 } });
      const run = await world.titan.sync({ credentialId: world.credentialId });
      await expect(world.titan.erase({ companyId: world.companyId, customerId: "1" })).rejects.toMatchObject({
        code: "CONFLICT",
        runId: run.id,
      });
      await run.result;
    });

    test("of an unknown customer or company erases nothing, with the same result", async () => {
      const world = await createWorld(stores());
      await world.sync({ data: "customers" });
      const nothing = { entities: 0, records: 0, rejections: 0, remaining: [] };
      const { companyId } = world;
      expect(await world.titan.erase({ companyId, customerId: "99999999" })).toEqual({
        ...nothing,
        suppressed: true,
      });
      expect(await world.titan.erase({ companyId: "nobody", customerId: "1" })).toEqual({
        ...nothing,
        suppressed: false,
      });
      await expect(world.titan.erase({ companyId, customerId: "all" })).rejects.toMatchObject({
        issues: ["customerId: expected digits"],
      });
    });
  });
}
