import type { RecordBatch, RecordSinkObject } from "@titan-sync/core";
import { RecordRefusedError } from "@titan-sync/core";
import { describe, expect, test } from "vitest";
import { createWorld, type Stores } from "../world.js";

/** What becomes of an erased customer at sinks that cannot remove records, refuse to, or fail. */
export function describeErasingAtSinks(stores: () => Stores): void {
  describe("erasing a customer", () => {
    test("names the records that remain in a sink without removal", async () => {
      const sent: RecordBatch[] = [];
      const world = await createWorld(stores(), {
        titan: {
          sink: {
            supportsRemoval: false,
            write: async (batch) => {
              sent.push(batch);
              return { rejected: [] };
            },
          },
        },
      });
      await world.sync();
      const { companyId, tenantId } = world;
      const member = sent.find((batch) => batch.record === "member")?.items[0];
      const customerId = member?.key ?? "";
      const invoices = sent.flatMap((batch) =>
        batch.items.filter((item) => item.op === "upsert" && item.record.customer_id === customerId),
      );
      const erased = await world.titan.erase({ companyId, customerId });
      expect(erased.records).toBe(0);
      expect(erased.remaining.map(({ key }) => key).sort()).toEqual(invoices.map(({ key }) => key).sort());
      expect(erased.remaining).toContainEqual({
        environment: "production",
        tenantId,
        record: "member",
        key: customerId,
        why: "kept",
        reason: null,
      });
    });

    test("names the records that remain in a sink that refused their removal", async () => {
      let isRefusing = false;
      const world = await createWorld(stores(), {
        titan: {
          sink: async ({ items }) => ({
            rejected: isRefusing ? items.map(({ key }) => ({ key, reason: "locked" })) : [],
          }),
        },
      });
      await world.sync({ data: "customers" });
      const { companyId } = world;
      const page = await world.titan.records.list({ record: "member", companyId }, { limit: 1 });
      const customerId = page.items[0]?.id ?? "";
      isRefusing = true;
      expect(await world.titan.erase({ companyId, customerId })).toMatchObject({
        records: 0,
        remaining: [{ record: "member", key: customerId, why: "refused", reason: "locked" }],
      });
    });

    test("names the one record whose removal the sink refused; the others are removed", async () => {
      let poison: string | null = null;
      const isPoison = ({ key }: RecordBatch["items"][number]): boolean => key === poison;
      const given = stores().sink;
      const sink: RecordSinkObject = typeof given === "function" ? { write: given } : given;
      const { writeIn } = sink;
      const world = await createWorld(stores(), {
        titan: {
          sink: {
            ...sink,
            async write(batch, context) {
              const items = batch.items.filter((item) => !isPoison(item));
              await sink.write({ ...batch, items }, context);
              const refused = batch.items.filter(isPoison);
              return { rejected: refused.map(({ key }) => ({ key, reason: "it is paid" })) };
            },
            ...(writeIn !== undefined && {
              async writeIn(transaction, batch, context) {
                const answer = await writeIn(transaction, batch, context);
                if (batch.items.some(isPoison)) throw new RecordRefusedError("it is paid");
                return answer;
              },
            }),
          },
        },
      });
      await world.sync();
      const { companyId } = world;
      const invoices = await world.records("invoice");
      const members = await world.records("member");
      const ownersOf = [...invoices.values()].map((row) => row["customer_id"]);
      const customerId = [...members.keys()].find(
        (id) => ownersOf.filter((owner) => owner === id).length > 1,
      );
      if (customerId === undefined) throw new Error("No member has two invoices.");
      const own = [...invoices].filter(([, row]) => row["customer_id"] === customerId).map(([id]) => id);
      poison = own[0] ?? null;
      expect(await world.titan.erase({ companyId, customerId })).toMatchObject({
        records: own.length,
        remaining: [{ record: "invoice", key: poison, why: "refused", reason: "it is paid" }],
      });
      expect((await world.records("member")).has(customerId)).toBe(false);
      const left = await world.records("invoice");
      expect(own.filter((id) => left.has(id))).toEqual([poison]);
    });

    test("a host's failing sink gets the removals from the next run", async () => {
      const batches: RecordBatch[] = [];
      let isDown = false;
      const world = await createWorld(stores(), {
        titan: {
          sink: async (batch) => {
            if (isDown) throw new Error("pipeline down");
            batches.push(structuredClone(batch));
            return { rejected: [] };
          },
        },
      });
      await world.sync({ data: "customers" });
      const customerId = batches[0]?.items[0]?.key ?? "";
      isDown = true;
      const { companyId } = world;
      await expect(world.titan.erase({ companyId, customerId })).rejects.toMatchObject({ code: "SINK" });
      isDown = false;
      batches.length = 0;
      expect((await world.sync({ data: "customers" })).ledger.records.member).toMatchObject({ removed: 1 });
      expect(batches.flatMap((batch) => batch.items)).toEqual([
        { op: "remove", key: customerId, revision: expect.any(Number) },
      ]);
      expect((await world.titan.erase({ companyId, customerId })).records).toBe(0);
      expect(batches).toHaveLength(1);
    });
  });
}
