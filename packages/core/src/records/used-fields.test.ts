import { describe, expect, it } from "vitest";
import { fieldsIn } from "../feeds/schema-fields.js";
import { checkMapping } from "./check-mapping.js";
import { noCustomColumns } from "./custom-columns.js";
import { shippedCatalog } from "./definitions/definitions.js";
import { emptyByChoice } from "./empty-by-choice.js";
import { usedFieldsOf } from "./used-fields.js";

describe("The fields that records use", () => {
  it("are those that schemas name, and each is used for existing columns", () => {
    const columns = shippedCatalog.plans.flatMap((plan) => plan.columns);
    for (const [feed, fields] of shippedCatalog.fields) {
      const named = fieldsIn(shippedCatalog.feeds.get(feed)?.schema).filter((path) => path !== "id");
      expect([...fields.keys()].toSorted()).toEqual(named.toSorted());
      for (const own of fields.values()) expect(columns).toEqual(expect.arrayContaining([...own]));
    }
  });

  it("include those on the paths of a company's own columns", () => {
    const { columns } = checkMapping(shippedCatalog, {
      member: {
        gate_code: "customer.customFields[name=Gate code].value",
        mail: "contacts[type=Email].memo",
        street: "customer.address.latitude",
      },
      invoice: { balance: "invoice.balance" },
    });
    const mapped = (feed: string) =>
      usedFieldsOf(shippedCatalog, feed, columns).flatMap(({ path, columns: own, isAlways }) =>
        own.some((column) => ["gate_code", "mail", "balance"].includes(column)) || path === "address.latitude"
          ? [[path, own, isAlways]]
          : [],
      );
    expect(mapped("customers")).toEqual([
      ["customFields", ["gate_code"], true],
      ["address.latitude", ["street"], false],
    ]);
    expect(mapped("customer-contacts")).toEqual([
      ["type", ["customer_phone_numbers", "customer_phone_number_primary", "mail"], true],
      ["memo", ["mail"], false],
    ]);
    expect(mapped("invoices")).toEqual([["balance", ["balance"], false]]);
  });

  it("exclude fields that may be absent, including parts of objects", () => {
    const paths = usedFieldsOf(shippedCatalog, "customers", noCustomColumns, [
      "customers.address",
      "invoices.total",
    ]).map(({ path }) => path);
    expect(paths).toEqual(["active", "name", "type", "mergedToId", "modifiedOn"]);
  });
});

describe("Columns that are empty by choice", () => {
  const nothing = { columns: noCustomColumns, feedsOff: [], acceptAbsent: [] };

  it("are those of feeds that are turned off and of fields that may be absent", () => {
    expect([...emptyByChoice(shippedCatalog, nothing)]).toEqual([]);
    expect([...emptyByChoice(shippedCatalog, { ...nothing, feedsOff: ["zones"] })]).toEqual(["zone"]);
    expect([
      ...emptyByChoice(shippedCatalog, { ...nothing, acceptAbsent: ["customers.address.unit"] }),
    ]).toEqual(["unit"]);
  });
});
