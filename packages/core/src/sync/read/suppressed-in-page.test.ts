import { describe, expect, it } from "vitest";
import { rowOf } from "../../json/page-row.js";
import { checkRows } from "../../quality/structure-check.js";
import { feeds } from "../../records/definitions/definitions.js";
import { noSuppressedRows, type SuppressedRows } from "../../suppressions/suppressed-rows.js";
import { dropSuppressed } from "./suppressed-in-page.js";

/** Customer 7, with a job and an appointment that name no customer. */
const listed = new Set(["customers 7", "jobs 50", "appointments 90"]);
const list: SuppressedRows = { isEmpty: false, has: (feed, id) => listed.has(`${feed} ${id}`) };

function drop(feed: keyof typeof feeds, rows: readonly unknown[], under: SuppressedRows = list) {
  const checked = checkRows(
    feeds[feed],
    rows.map((row) => rowOf(JSON.stringify(row))),
  );
  const { sound, rejections, suppressed } = dropSuppressed(feeds[feed], checked, under);
  return {
    sound: sound.map(({ id }) => id),
    rejected: rejections.map(({ entityId }) => entityId),
    suppressed: [...suppressed],
  };
}

describe("a page's rows", () => {
  it("are dropped if a link points to a suppressed customer, in any feed", () => {
    const dropped = { sound: ["2"], rejected: [], suppressed: ["1"] };
    const pair = (make: (customerId: number) => object) => [
      { ...make(7), id: 1 },
      { ...make(8), id: 2 },
    ];
    for (const feed of ["customer-contacts", "locations", "jobs", "appointments", "memberships"] as const)
      expect(
        drop(
          feed,
          pair((customerId) => ({ customerId })),
        ),
      ).toEqual(dropped);
    expect(
      drop(
        "invoices",
        pair((id) => ({ customer: { id } })),
      ),
    ).toEqual(dropped);
    expect(drop("customers", [{ id: 7 }, { id: 9, mergedToId: 7 }, { id: 8 }])).toEqual({
      sound: ["8"],
      rejected: [],
      suppressed: ["7", "9"],
    });
  });

  it("include no broken row that names a suppressed customer, but keep the rejections of others", () => {
    const rows = [
      { id: 1, customer: { id: "7" }, customerAddress: 5 },
      { id: 2, customer: { id: 8 }, customerAddress: 5 },
      { id: "x", customerId: 7 },
    ];
    const { rejected, suppressed } = drop("invoices", rows);
    expect(rejected).toEqual(["2"]);
    expect(suppressed).toHaveLength(2);
    expect(suppressed).toContain("1");
  });

  it("include no row that names nobody and was erased with a customer, or is linked to such a row", () => {
    expect(drop("jobs", [{ id: 50 }, { id: 51, firstAppointmentId: 90 }, { id: 52 }])).toEqual({
      sound: ["52"],
      rejected: [],
      suppressed: ["50", "51"],
    });
    expect(drop("invoices", [{ id: 1, customer: null, job: { id: 50 } }]).suppressed).toEqual(["1"]);
  });

  it("include a row that names another customer, even if it was erased with this one or is linked to such a row", () => {
    const rows = [{ id: 50, customerId: 8, firstAppointmentId: 90 }];
    expect(drop("jobs", rows)).toEqual({ sound: ["50"], rejected: [], suppressed: [] });
  });

  it("are all kept if nobody is suppressed, or if the feed belongs to no customer", () => {
    expect(drop("customers", [{ id: 7 }], noSuppressedRows).sound).toEqual(["7"]);
    expect(drop("zones", [{ id: 7, customerId: 7 }]).sound).toEqual(["7"]);
  });
});
