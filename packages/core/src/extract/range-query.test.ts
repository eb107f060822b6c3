import { describe, expect, test } from "vitest";
import { createReadingWorld } from "./__fixtures__/reading-world.js";

const from = "2026-01-01T00:00:00.000Z";
const to = "2026-02-01T00:00:00.000Z";

/** Invoices around the range's ends, by the field that it is about. */
const cases = {
  modified: "modifiedOn",
  created: "createdOn",
  invoiced: "invoiceDate",
} as const;

describe("a range", () => {
  test.each(Object.entries(cases))(
    "of what was %s begins with its first instant and ends before its last",
    async (by, field) => {
      const other = "2020-06-01T00:00:00.000Z";
      const dates = ["2025-12-31T00:00:00.000Z", from, "2026-01-31T00:00:00.000Z", to];
      const invoices = dates.map((date, index) => ({
        id: index + 1,
        referenceNumber: String(index + 1),
        active: true,
        createdOn: other,
        modifiedOn: other,
        invoiceDate: other,
        [field]: date,
      }));
      const world = createReadingWorld({ simulator: { tenants: [{ entities: { invoices } }] } });
      await world.read({ feed: "invoices", range: { from, to, by: by as keyof typeof cases } });
      expect([...(await world.landed("invoices", [1, 2, 3, 4])).keys()]).toEqual([2, 3]);
    },
  );
});
