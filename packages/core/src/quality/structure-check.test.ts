import { describe, expect, test } from "vitest";
import { customers } from "../feeds/customers.js";
import type { Feed } from "../feeds/feed.js";
import { invoices } from "../feeds/invoices.js";
import { rowOf } from "../json/page-row.js";
import { checkRows as check, toEntity } from "./structure-check.js";

function checkRows(feed: Feed, rows: readonly unknown[]) {
  const { sound, ...rest } = check(
    feed,
    rows.map((row) => rowOf(JSON.stringify(row))),
  );
  return { entities: sound.map((row) => toEntity(row, null)), ...rest };
}

describe("checking the structure of rows", () => {
  test("entities contain the row unchanged", () => {
    const rows = [
      { id: 100, name: "B", unknown: [1] },
      { id: 20, name: "A" },
    ];
    const { entities, rejections } = checkRows(customers, rows);
    expect(entities.map((entity) => [entity.id, JSON.parse(entity.payload)])).toEqual([
      ["100", rows[0]],
      ["20", rows[1]],
    ]);
    expect(rejections).toEqual([]);
  });

  test("equal rows have equal hashes, and different rows do not", () => {
    const [first] = checkRows(customers, [{ id: 1, name: "A" }]).entities;
    const [same] = checkRows(customers, [{ id: 1, name: "A" }]).entities;
    const [other] = checkRows(customers, [{ id: 1, name: "B" }]).entities;
    expect(first?.contentHash).toBe(same?.contentHash);
    expect(first?.contentHash).not.toBe(other?.contentHash);
  });

  test("a row that occurs twice counts once: the newer one, or of equal ones the later one", () => {
    const rows = [
      { id: 1, name: "newer", modifiedOn: "2026-01-01T00:00:00.1234568Z" },
      { id: 1, name: "older", modifiedOn: "2026-01-01T00:00:00.1234567Z" },
      { id: 2, name: "first", modifiedOn: "2026-01-01T00:00:00Z" },
      { id: 2, name: "second", modifiedOn: "2026-01-01T00:00:00.0Z" },
    ];
    const { entities, repeated } = checkRows(customers, rows);
    expect(entities.map((entity) => JSON.parse(entity.payload).name)).toEqual(["newer", "second"]);
    expect(repeated).toBe(2);
  });

  test("the newer of two broken versions of a row is kept, and one without a time is kept with a valid one", () => {
    const { rejections, repeated } = checkRows(customers, [
      { id: 1, name: { is: "newer" }, modifiedOn: "2026-01-02T00:00:00Z" },
      { id: 1, name: { is: "older" }, modifiedOn: "2026-01-01T00:00:00Z" },
      { id: 2, name: { is: "of an unknown time" } },
      { id: 2, name: "sound", modifiedOn: "2026-01-01T00:00:00Z" },
    ]);
    expect(rejections.map(({ payload }) => JSON.parse(payload ?? "null").name.is)).toEqual([
      "newer",
      "of an unknown time",
    ]);
    expect(repeated).toBe(1);
  });

  test("links name what an entity refers to, null for what it does not", () => {
    const [entity] = checkRows(invoices, [
      { id: 1, customer: { id: 7, name: "x" }, location: null, job: { id: 0 } },
    ]).entities;
    expect(entity?.links).toEqual({ customer: "7", location: null, job: null });
  });

  test("nulls and absent fields do not break the structure", () => {
    expect(checkRows(invoices, [{ id: 1, customer: null, total: null, job: null }]).rejections).toEqual([]);
  });

  test("a broken row is rejected with every fault and without its values; other rows are not affected", () => {
    const { entities, rejections } = checkRows(customers, [
      { id: 5, name: 42, active: "Canary Person" },
      { id: 6, name: "fine" },
    ]);
    expect(entities.map((entity) => entity.id)).toEqual(["6"]);
    expect(rejections).toMatchObject([{ feed: "customers", entityId: "5", stage: "structure" }]);
    expect(rejections[0]?.message).toMatch(/active: .*name: /);
    expect(rejections[0]?.message).not.toContain("Canary");
    expect(rejections[0]?.payload).toContain("Canary");
  });

  test("a row without a usable id is kept under a stable name of its own", () => {
    const first = checkRows(customers, [{ name: "nobody" }, null]).rejections;
    const again = checkRows(customers, [null, { name: "nobody" }]).rejections;
    expect(first.map((rejection) => rejection.entityId).sort()).toEqual(
      again.map((rejection) => rejection.entityId).sort(),
    );
    expect(first[0]?.entityId).toMatch(/^unknown-[0-9a-f]{16}$/);
  });

  test.each(["1.5", "-1", '"7"', "9223372036854775808"])("an invalid id is rejected (%s)", (id) => {
    const { sound, rejections } = check(customers, [rowOf(`{"id":${id}}`)]);
    expect(sound).toEqual([]);
    expect(rejections).toMatchObject([
      { message: "The row does not have the documented structure: id: expected a whole number of 64 bits." },
    ]);
  });

  test("an id with a fraction that parsing rounds away was mistaken for another one", () => {
    const { sound, rejections } = check(customers, [rowOf('{"id":9007199254740990.5}')]);
    expect(sound).toEqual([]);
    expect(rejections).toMatchObject([
      {
        entityId: expect.stringMatching(/^unknown-/),
        message: "The row does not have the documented structure: id: expected a whole number of 64 bits.",
      },
    ]);
    const link = check(invoices, [rowOf('{"id":1,"customer":{"id":9007199254740990.5}}')]);
    expect(link.rejections).toHaveLength(1);
    expect(check(customers, [rowOf('{"id":9007199254740990.0}')]).sound).toMatchObject([
      { id: "9007199254740990" },
    ]);
  });

  test("ids that a number would round land exactly, up to the largest of 64 bits", () => {
    const ids = ["9007199254740991", "9007199254740992", "9007199254740993", "9223372036854775807"];
    const { sound } = check(
      invoices,
      ids.map((id) => rowOf(`{"id":${id},"customer":{"id":${id}},"location":{"id":0},"job":{"id":-1}}`)),
    );
    expect(sound.map((row) => [row.id, row.links])).toEqual(
      ids.map((id) => [id, { customer: id, location: null, job: null }]),
    );
  });

  test("each id that is too large is its own rejection, under that id", () => {
    const ids = ["9223372036854775808", "9223372036854775809", "123456789012345678901234567890"];
    const { sound, rejections } = check(
      customers,
      ids.map((id) => rowOf(`{"id":${id}}`)),
    );
    expect(sound).toEqual([]);
    expect(rejections.map((rejection) => rejection.entityId)).toEqual(ids);
  });
});
