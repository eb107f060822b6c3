import type { Feed } from "../../feeds/feed.js";
import { fieldsIn } from "../../feeds/schema-fields.js";
import type { RecordJoin } from "./define-join.js";
import type { RecordDefinition } from "./define-record.js";

/** By field, as `name` or `address.zip`, the columns that are made of it; none for a field that no column is. */
export type ColumnsOfFields = ReadonlyMap<string, ReadonlySet<string>>;

/** A field of the driver or of a relation. */
interface FieldAt {
  readonly at: string;
  readonly path: string;
}

/**
 * The fields of a feed that its schema names, with the columns that are made of each: of what they read, and of the
 * links that lead there from the driver. An object is part of what its parts are part of. A row without an id is
 * nobody's: ids are not among them.
 */
export function columnsOfFields(feed: Feed, definitions: readonly RecordDefinition[]): ColumnsOfFields {
  const found = new Map<string, Set<string>>(fieldsIn(feed.schema).map((path) => [path, new Set()]));
  const add = (path: string, column: string): void => {
    found.set(path, (found.get(path) ?? new Set()).add(column));
  };
  for (const definition of definitions) {
    for (const [column, { reads }] of Object.entries(definition.columns)) {
      for (const { at, path } of reads.map(parseField).flatMap((field) => withLinks(definition, field))) {
        if (feedAt(definition, at).name !== feed.name) continue;
        const [object = "", part] = path.split(".");
        add(object, column);
        if (part !== undefined) add(path, column);
      }
    }
  }
  found.delete("id");
  return found;
}

/** The driver's name or a relation's, and the field of its feed: `customer.name`. */
export function parseField(field: string): FieldAt {
  const end = field.indexOf(".");
  return { at: field.slice(0, end), path: field.slice(end + 1) };
}

/** The feed of the driver, or of a relation. @throws TypeError when there is neither. */
export function feedAt({ driver, driverName, relations }: RecordJoin, name: string): Feed {
  const feed = name === driverName ? driver : relations[name]?.feed;
  if (feed === undefined) throw new TypeError(`There is no relation "${name}".`);
  return feed;
}

function withLinks(join: RecordJoin, field: FieldAt): readonly FieldAt[] {
  return [field, ...linksTo(join, field.at)];
}

/** The fields that lead from the driver to a relation. */
export function linksTo(join: RecordJoin, name: string): readonly FieldAt[] {
  const relation = join.relations[name];
  if (relation === undefined) return [];
  const at = relation.kind === "one" ? relation.of : name;
  const link = feedAt(join, at).links.find((each) => each.name === relation.link);
  if (link === undefined) throw new TypeError(`The feed of "${at}" has no link "${relation.link}".`);
  return [{ at, path: link.field }, ...linksTo(join, relation.of)];
}
