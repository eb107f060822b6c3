import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { noTexts } from "../../json/exact-numbers.js";
import { anyContext, uglyInvoice, uglyMember } from "../__fixtures__/ugly-entities.js";
import { feedAt, linksTo, parseField } from "./columns-of-fields.js";
import type { RecordDefinition } from "./define-record.js";
import { invoiceDefinition, memberDefinition } from "./definitions.js";

const records: readonly (readonly [RecordDefinition, fc.Arbitrary<object>])[] = [
  [memberDefinition, uglyMember],
  [invoiceDefinition, uglyInvoice],
];

describe.each(records)("The columns of a record", (definition, joined) => {
  const read = new Set<string>();
  fc.assert(
    fc.property(joined, anyContext, (entities, context) => {
      definition.map(watch(entities, read) as never, context, noTexts);
    }),
    { numRuns: 1000 },
  );
  const relations = Object.keys(definition.relations);
  const stated = new Set(Object.values(definition.columns).flatMap(({ reads }) => reads));

  it("declare exactly the fields that the map reads", () => {
    // The engine itself uses links and ids: links find entities, and ids distinguish them.
    const links = relations.flatMap((name) =>
      linksTo(definition, name).map(({ at, path }) => `${at}.${path}`),
    );
    const isKnown = (field: string): boolean =>
      links.includes(field) || parseField(field).path === "id" || isObject(definition, field);
    expect([...read].filter((field) => !stated.has(field) && !isKnown(field))).toEqual([]);
    const unread = [...stated].filter((field) => !read.has(field));
    expect(unread, "stated as read by a column, but its map reads them nowhere").toEqual([]);
  });

  it("use every relation: one that none uses is a feed that is read for nothing", () => {
    const onTheWay = (name: string): readonly string[] => {
      const of = definition.relations[name]?.of;
      return of === undefined ? [] : [name, ...onTheWay(of)];
    };
    const used = new Set([...stated].flatMap((field) => onTheWay(parseField(field).at)));
    expect(
      relations.filter((name) => !used.has(name)),
      "relations that no column reads",
    ).toEqual([]);
  });
});

/** An object is read on the way to its parts. */
function isObject(definition: RecordDefinition, field: string): boolean {
  const { at, path } = parseField(field);
  const parts = Object.values(definition.columns).flatMap(({ reads }) => reads);
  return feedAt(definition, at) !== undefined && parts.some((each) => each.startsWith(`${at}.${path}.`));
}

/** The same joined entities, which tell what is read of their rows, on two levels. */
function watch(joined: object, read: Set<string>): object {
  const watched = Object.entries(joined).map(([name, value]) => {
    const each = (row: unknown): unknown => watchRow(row, name, 1, read);
    return [name, Array.isArray(value) ? value.map(each) : each(value)];
  });
  return Object.fromEntries(watched);
}

function watchRow(row: unknown, place: string, level: number, read: Set<string>): unknown {
  if (typeof row !== "object" || row === null) return row;
  return new Proxy(row, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof name !== "string") return value;
      read.add(`${place}.${name}`);
      return level === 2 ? value : watchRow(value, `${place}.${name}`, 2, read);
    },
  });
}
