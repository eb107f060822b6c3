import type { RecordBatch } from "@titan-sync/core";
import { describe, expect, test } from "vitest";
import { createWorld, type Stores } from "../world.js";
import { expectBalanced } from "./expect-balanced.js";

/** What a sink of the host's own gets. */
export function describeSinks(stores: () => Stores): void {
  describe("a host's own sink", () => {
    test("gets every record in batches by key, and a failed batch again byte for byte", async () => {
      const batches: RecordBatch[] = [];
      let failing: string | null = null;
      let isDown = true;
      const world = await createWorld(stores(), {
        titan: {
          batchSize: 15,
          sink: async (batch) => {
            batches.push(structuredClone(batch));
            if (batches.length === 2) failing = batch.id;
            if (isDown && batch.id === failing) throw new Error("pipeline down");
            return { rejected: [] };
          },
        },
      });
      const first = await world.sync({ data: "customers" });
      expect(first).toMatchObject({ status: "failed", error: { code: "SINK" } });
      isDown = false;
      const second = await world.sync({ data: "customers" });
      expect(second.status).toBe("completed");
      const repeated = batches.filter((batch) => batch.id === failing);
      expect(repeated).toHaveLength(5);
      for (const batch of repeated) expect(batch).toEqual(batches[1]);
      for (const batch of batches) {
        const keys = batch.items.map((item) => Number(item.key));
        expect(keys).toEqual([...new Set(keys)].sort((left, right) => left - right));
        expect(batch.items.length).toBeLessThanOrEqual(15);
      }
      const delivered = new Set(batches.flatMap((batch) => batch.items.map((item) => item.key)));
      expect(delivered.size).toBe((first.ledger.successful ?? 0) + second.ledger.successful);
    });

    test("may refuse single items: they become rejections, the others count as delivered", async () => {
      const world = await createWorld(stores(), {
        titan: {
          sink: async (batch) => ({
            rejected: batch.items.slice(0, 2).map((item) => ({ key: item.key, reason: "not wanted here" })),
          }),
        },
      });
      const result = await world.sync({ data: "customers" });
      expect(result.status).toBe("completed");
      const { items } = await world.titan.rejections.list(
        { companyId: world.companyId, stage: "sink" },
        { limit: 10 },
      );
      expect(items.map((item) => item.message)).toEqual(["not wanted here", "not wanted here"]);
      expectBalanced(result);
    });
  });
}
