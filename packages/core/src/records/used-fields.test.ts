import { describe, expect, it } from "vitest";
import { z } from "zod";
import { feeds, type KnownFeedName } from "../feeds/feeds.js";
import { checkMapping } from "./check-mapping.js";
import { recordColumns } from "./column-names.js";
import { noCustomColumns } from "./custom-columns.js";
import { emptyByChoice } from "./empty-by-choice.js";
import { columnsOfFields, usedFieldsOf } from "./used-fields.js";

/** The fields that a schema names, on a row's first two levels. */
function pathsOf(schema: unknown, prefix = ""): readonly string[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable)
    return pathsOf(schema.unwrap(), prefix);
  if (!(schema instanceof z.ZodObject)) return [];
  return Object.entries(schema.shape).flatMap(([name, field]) => {
    const path = prefix === "" ? name : `${prefix}.${name}`;
    return [path, ...pathsOf(field, path)];
  });
}

const used = Object.keys(columnsOfFields) as KnownFeedName[];

describe("The fields that records use", () => {
  it.each(used)("of %s are those that its schema names, so that none vanishes unnoticed", (name) => {
    const named = pathsOf(feeds[name].schema).filter((path) => path !== "id");
    expect(Object.keys(columnsOfFields[name] ?? {}).toSorted()).toEqual(named.toSorted());
  });

  it.each(used)("of %s are made into columns that there are", (name) => {
    const columns: readonly string[] = [...recordColumns.member, ...recordColumns.invoice];
    for (const own of Object.values(columnsOfFields[name] ?? {}))
      expect(columns).toEqual(expect.arrayContaining([...own]));
  });

  it("include those on the paths of a company's own columns", () => {
    const { columns } = checkMapping({
      member: {
        gate_code: "customer.customFields[name=Gate code].value",
        mail: "contacts[type=Email].memo",
        street: "customer.address.latitude",
      },
      invoice: { balance: "invoice.balance" },
    });
    const mapped = (feed: string) =>
      usedFieldsOf(feed, columns).flatMap(({ path, columns: own, isAlways }) =>
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

  it("leave out what may be absent, parts included", () => {
    const paths = usedFieldsOf("customers", noCustomColumns, ["customers.address", "invoices.total"]).map(
      ({ path }) => path,
    );
    expect(paths).toEqual(["active", "name", "type", "mergedToId", "modifiedOn"]);
  });
});

describe("Columns that are empty by choice", () => {
  const nothing = { columns: noCustomColumns, feedsOff: [], acceptAbsent: [] };

  it("are those of feeds that are left out and of fields that may be absent", () => {
    expect([...emptyByChoice(nothing)]).toEqual([]);
    expect([...emptyByChoice({ ...nothing, feedsOff: ["zones"] })]).toEqual(["zone"]);
    expect([...emptyByChoice({ ...nothing, acceptAbsent: ["customers.address.unit"] })]).toEqual(["unit"]);
  });
});
