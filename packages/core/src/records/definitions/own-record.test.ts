import { describe, expect, it, test } from "vitest";
import { z } from "zod";
import { defineFeed } from "../../feeds/feed.js";
import { id, text } from "../../feeds/fields.js";
import { noTexts, type RowTexts } from "../../json/exact-numbers.js";
import { defaultRules } from "../company-rules.js";
import type { CompanyProfile, MapContext } from "../map-context.js";
import { defineRecord } from "./own-record.js";

const technicians = defineFeed({
  name: "technicians",
  module: "settings",
  path: "technicians",
  scope: "tn.stg.technicians:r",
  schema: z.object({ id, name: text, rate: z.unknown().optional() }),
  fields: { always: "id name rate", sometimes: "" },
});

type Row = z.infer<typeof technicians.schema>;

function technician(changes: {
  map?: (row: Row) => { readonly name: never };
  isLeftOut?: (row: Row) => boolean;
  fault?: (record: { readonly name: string | null }) => string | null;
  level?: "warn" | "reject";
}) {
  const { map, isLeftOut, fault, level = "warn" } = changes;
  return defineRecord({
    type: "technician",
    driver: technicians,
    driverName: "technician",
    relations: {},
    columns: { name: { from: "`technician.name`", reads: ["technician.name"] } },
    map: ({ technician: row }, { exact }) => map?.(row) ?? { name: row.name ?? exact(row, "rate") },
    ...(isLeftOut === undefined ? {} : { isLeftOut }),
    rules: fault === undefined ? [] : [{ name: "short", level, fault }],
  });
}

const company = {
  companyId: "acme",
  timeZone: "UTC",
  rules: defaultRules,
  columns: {},
} as Partial<CompanyProfile> as CompanyProfile;

function mapped(
  changes: Parameters<typeof technician>[0],
  row: Row,
  { rules = {}, texts = noTexts }: { rules?: Partial<CompanyProfile["rules"]>; texts?: RowTexts } = {},
) {
  const context = { company: { ...company, rules: { ...defaultRules, ...rules } } } as MapContext;
  return technician(changes).map({ technician: row } as never, context, texts);
}

const anna = { id: 1, name: " Anna\u0000 Bell " };

describe("the map of a host's own record type", () => {
  it("returns values that print as clean text, and numbers with their digits", () => {
    expect(mapped({}, anna)).toEqual({ kind: "record", record: { name: "Anna Bell" }, warnings: [] });
    const row = { id: 1, name: null, rate: 0.1 };
    const texts = new Map([
      [row, '{"id":1,"name":null,"rate":0.10000000000000000001}'],
    ]) as unknown as RowTexts;
    expect(mapped({}, row, { texts })).toMatchObject({ record: { name: "0.10000000000000000001" } });
  });

  it.each([
    [
      "fails",
      () => {
        throw new RangeError("Anna Bell");
      },
      "the map failed with RangeError",
    ],
    ["gives nothing", () => 5, "the map gave no object of values"],
    ["is asynchronous", async () => ({ name: "Anna" }), "the map gave no object of values"],
    ["gives an object for a column", () => ({ name: {} }), "the map gave no text or number for name"],
    ["gives what is not a number", () => ({ name: Number.NaN }), "the map gave no text or number for name"],
  ])("rejects one record where it %s", (_, map, message) => {
    expect(mapped({ map: map as never }, anna)).toEqual({
      kind: "rejected",
      violations: [{ rule: "mapping", message }],
    });
  });
});

test("rejects a record if it cannot be decided whether to leave it out", () => {
  const isLeftOut = () => {
    throw new TypeError("x");
  };
  expect(technician({ isLeftOut }).isLeftOut(anna as never, defaultRules)).toBe(false);
  expect(mapped({ isLeftOut }, anna)).toMatchObject({
    violations: [{ rule: "mapping", message: "isLeftOut failed with TypeError" }],
  });
  expect(technician({ isLeftOut: () => true }).isLeftOut(anna as never, defaultRules)).toBe(true);
});

describe("rules of a host's own record type", () => {
  test("apply the company's level to an empty required column", () => {
    const empty = { id: 1, name: " " };
    const violation = { rule: "required", message: "required and empty: name" };
    expect(mapped({}, empty)).toEqual({ kind: "rejected", violations: [violation] });
    expect(mapped({}, empty, { rules: { required: "warn" } })).toMatchObject({ warnings: [violation] });
    expect(mapped({}, empty, { rules: { required: "off" } })).toMatchObject({ kind: "record", warnings: [] });
  });

  test("warn, or reject, and reject a record that they cannot check", () => {
    const fault = ({ name }: { readonly name: string | null }) =>
      (name ?? "").length < 20 ? "name is short" : null;
    const violation = { rule: "short", message: "name is short" };
    expect(mapped({ fault }, anna)).toMatchObject({ kind: "record", warnings: [violation] });
    expect(mapped({ fault, level: "reject" }, anna)).toEqual({ kind: "rejected", violations: [violation] });
    const broken = () => {
      throw new Error("Anna Bell");
    };
    expect(mapped({ fault: broken }, anna)).toEqual({
      kind: "rejected",
      violations: [{ rule: "short", message: "the rule could not be checked: it failed with Error" }],
    });
  });
});
