import { describe, expect, test } from "vitest";
import { createWorld, type Stores } from "../world.js";
import { expectBalanced } from "./expect-balanced.js";
import { dump } from "./stored-state.js";

/** What a dry run reports, and that it changes nothing. */
export function describeDryRun(stores: () => Stores): void {
  describe("a dry run", () => {
    test("of a first sync shows what would be delivered, and changes nothing", async () => {
      const world = await createWorld(stores());
      const before = await dump(world);
      const dry = await world.sync({ dryRun: true });
      expect(dry.error).toBeNull();
      expect(dry.status).toBe("completed");
      expectBalanced(dry);
      expect(await dump(world)).toEqual(before);
      const real = await world.sync();
      expect(dry.diff).toMatchObject({
        insert: real.ledger.successful,
        update: 0,
        unchanged: 0,
        remove: 0,
        reject: real.ledger.failed,
      });
      expect(real.diff).toBeNull();
      expect(dry.ledger.records).toEqual(real.ledger.records);
      const samples = dry.diff?.samples ?? [];
      const inserted = samples.find((sample) => sample.operation === "insert" && sample.record === "member");
      expect(inserted).toMatchObject({ before: null, changed: [] });
      const { version: _, ...row } = { version: null, ...inserted?.after };
      expect(row).toEqual((await world.records("member")).get(inserted?.key ?? ""));
      expect(samples.filter((sample) => sample.operation === "reject")[0]?.rules).not.toEqual([]);
    });

    test("of a later sync shows what each record was and would be", async () => {
      const world = await createWorld(stores());
      await world.sync();
      const [first, second] = [...(await world.records("member")).keys()];
      const invoice = [...(await world.records("invoice")).keys()][0] ?? "";
      world.simulator.mutate(
        world.tenantId,
        { kind: "edit", feed: "customers", id: Number(first), set: { name: "Newly Named" } },
        { kind: "delete", feed: "customers", id: Number(second) },
        { kind: "edit", feed: "invoices", id: Number(invoice), set: { active: false } },
      );
      const before = await dump(world);
      const dry = await world.sync({ dryRun: true, mode: "full" });
      expect(await dump(world)).toEqual(before);
      const samples = new Map(dry.diff?.samples.map((item) => [`${item.operation} ${item.key}`, item]));
      const update = samples.get(`update ${first}`);
      expect(update?.changed).toContain("customer_name");
      expect(update?.before?.customer_name).not.toBe("Newly Named");
      expect(update?.after?.customer_name).toBe("Newly Named");
      expect(samples.get(`remove ${second}`)).toMatchObject({ record: "member", after: null });
      expect(samples.get(`remove ${invoice}`)?.before).toMatchObject({ software: "ServiceTitan" });
      const real = await world.sync({ mode: "full" });
      expect(dry.ledger.records).toEqual(real.ledger.records);
      expect(dry.diff).toMatchObject({
        remove: 2,
        unchanged: real.ledger.unchanged,
        reject: real.ledger.failed,
      });
    });

    test.each([
      ["of a range", { data: "customers", from: "2020-01-01" }],
      ["of deriving again", { rederive: true }],
      ["that reads the most recent changes", { fresh: true }],
    ] as const)("%s predicts the result of the run itself", async (_, request) => {
      const world = await createWorld(stores());
      await world.sync();
      world.simulator.mutate(world.tenantId, {
        kind: "edit",
        feed: "zones",
        id: world.simulator.rows(world.tenantId, "zones")[0]?.id ?? 0,
        set: { name: "Renamed" },
      });
      const before = await dump(world);
      const dry = await world.sync({ ...request, dryRun: true });
      expect(await dump(world)).toEqual(before);
      const real = await world.sync(request);
      expect(dry.ledger.records).toEqual(real.ledger.records);
      expect(dry.ledger.feeds).toEqual(real.ledger.feeds);
    });

    test("includes what an earlier run left pending, and sends nothing of it", async () => {
      let isDown = true;
      let writes = 0;
      const world = await createWorld(stores(), {
        titan: {
          batchSize: 10,
          sink: async () => {
            writes += 1;
            if (isDown) throw new Error("pipeline down");
            return { rejected: [] };
          },
        },
      });
      expect((await world.sync({ data: "customers" })).status).toBe("failed");
      writes = 0;
      const before = await dump(world);
      const dry = await world.sync({ data: "customers", dryRun: true });
      expect(writes).toBe(0);
      expect(await dump(world)).toEqual(before);
      isDown = false;
      const real = await world.sync({ data: "customers" });
      expect(dry.diff?.insert).toBe(real.ledger.successful);
    });

    test("can run during another run, is audited, and is marked in its events", async () => {
      const world = await createWorld(stores(), { simulator: { latencyMs: 5 } });
      const real = await world.titan.sync({ credentialId: world.credentialId });
      const dry = await world.titan.sync({ credentialId: world.credentialId, dryRun: true, actor: "me" });
      for await (const event of dry.events()) {
        if (event.event === "run:start") expect(event.dryRun).toBe(true);
      }
      expect((await real.result).status).toBe("completed");
      expect((await dry.result).status).toBe("completed");
      expect(await world.titan.runs.find(dry.id)).toBeNull();
      const { items } = await world.titan.audit.list({ companyId: world.companyId }, { limit: 50 });
      const own = items.filter((entry) => entry.subject === dry.id).map((entry) => entry.action);
      expect(own).toEqual(["dry-run:end", "dry-run:start"]);
    });
  });
}
