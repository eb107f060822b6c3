import fc from "fast-check";
import { expect, test } from "vitest";
import { invoices } from "../../feeds/invoices.js";
import { rowOf } from "../../json/page-row.js";
import { memoryStorage } from "../../memory/memory-storage.js";
import { checkRows, toEntity } from "../../quality/structure-check.js";
import { createTenant } from "../../testing/storage/tenant-under-test.js";
import { noCustomColumns } from "../custom-columns.js";
import { shownFieldsOf } from "../shown-fields.js";
import { shippedCatalog } from "./definitions.js";
import { invoiceJoin } from "./invoice.js";
import { joinEntities } from "./join-entities.js";
import { touchesBy } from "./reach.js";

const orders = fc.shuffledSubarray([...invoices.links], { minLength: invoices.links.length });

test("the order of a feed's links means nothing: what landed with one order is queued and joined with another", async () => {
  await fc.assert(
    fc.asyncProperty(orders, orders, async (landedLinks, readLinks) => {
      const tenant = await createTenant(memoryStorage());
      const run = await tenant.begin();
      const customers = [{ id: 7, name: "Jane Sample" }].map((row) => rowOf(JSON.stringify(row)));
      const row = { id: 1, customer: { id: 7 }, location: { id: 8 }, job: { id: 9 } };
      const landed = checkRows({ ...invoices, links: landedLinks }, [rowOf(JSON.stringify(row))]);
      expect(landed.rejections).toEqual([]);
      const entities = landed.sound.map((sound) =>
        toEntity(sound, shownFieldsOf(shippedCatalog, invoices, noCustomColumns)),
      );
      await run.land({ feed: "invoices", touches: [], entities });
      for (const [feed, id] of [
        ["customers", "7"],
        ["locations", "8"],
        ["jobs", "9"],
      ] as const) {
        const payload = feed === "customers" ? (customers[0]?.text ?? "") : `{"id":${id}}`;
        const entity = { id, payload, contentHash: id, usedHash: id, modifiedOn: null, links: {} };
        await run.land({ feed, touches: [], entities: [entity] });
      }

      const driver = { ...invoices, links: readLinks };
      const definition = { ...invoiceJoin, driver };
      const joined = await joinEntities(tenant.storage, tenant.scope, definition, ["1"]);
      const { customer, location, job } = joined.get("1")?.joined ?? {};
      expect([customer?.id, location?.id, job?.id]).toEqual([7, 8, 9]);
      expect(touchesBy(definition)).toEqual(touchesBy(invoiceJoin));
    }),
    { numRuns: 40 },
  );
});
