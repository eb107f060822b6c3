import type { z } from "zod";
import { type EntityId, idText } from "./entity-id.js";

/**
 * The name of a ServiceTitan stream, for instance `customers`. Open, so that a feed is added where it is
 * defined and nowhere else; those of this library stand in the list of feeds.
 */
export type FeedName = string;

/** A reference from an entity to another feed's entity. */
export interface FeedLink<Name extends string = string, Target extends FeedName = FeedName> {
  /** What the other entity is to this one, for instance `customer`. */
  readonly name: Name;
  /** The feed that the reference points into. */
  readonly feed: Target;
  /** The path of the id: `customerId`, or `customer.id` in an object. */
  readonly field: string;
  /** The referenced id as text, `null` when there is none. */
  readonly id: (entity: never) => string | null;
}

/**
 * What a row refers to: under the name of each of its feed's links the id, digits, `null` where it names nothing. A link
 * that is not there names nothing either.
 */
export type LinkIds = Readonly<Record<string, string | null>>;

/** Names of the fields on a row's first level. */
export interface DocumentedFields {
  /** In every row. */
  readonly always: readonly string[];
  /** May be absent, or are absent in either list or export. */
  readonly sometimes: readonly string[];
}

/**
 * One ServiceTitan stream, as data: adding a feed changes only its own file and the list of feeds.
 *
 * @typeParam Schema - the structure check. It names the fields that records use and ignores all others: the row itself
 * is stored unchanged.
 * @typeParam Name - its name, where that is known to the compiler.
 * @typeParam Link - its links, likewise.
 */
export interface Feed<
  Schema extends z.ZodType = z.ZodType,
  Name extends FeedName = FeedName,
  Link extends FeedLink = FeedLink,
> {
  readonly name: Name;
  /** First path segment of the API module, for instance `crm`. */
  readonly module: string;
  /** Path after `/{module}/v2/tenant/{tenant}/`. */
  readonly path: string;
  /** `export` follows `export/{path}`; `list` reads the list whole each run (there is no export feed). */
  readonly reader: "export" | "list";
  /** Query parameters that a list needs so that inactive rows are included. */
  readonly listQuery: Readonly<Record<string, string>>;
  /**
   * Whether its list returns the same rows as its export, inactive ones included, sorted by id. Then a
   * first load may read many of its pages in parallel.
   */
  readonly listEqualsExport: boolean;
  /** How its list is sorted so that pages do not shift while rows change; `null` if it cannot be sorted. */
  readonly listSort: "+Id" | null;
  /** The scope that the app must have been granted. */
  readonly scope: string;
  readonly schema: Schema;
  /** The fields of a row that ServiceTitan documents, to detect changes. */
  readonly fields: DocumentedFields;
  /**
   * References by which records are joined, and the customer that an entity belongs to and is erased with.
   * At most three; their names are stored with the landed entities, their order means nothing.
   */
  readonly links: readonly Link[];
}

/** A row of a feed as it is landed: fields that its schema does not name are there as well. */
export type RowOf<SomeFeed extends { readonly schema: z.ZodType }> = z.infer<SomeFeed["schema"]> & {
  readonly [field: string]: unknown;
};

/** A field that a row's type names, or a part of an object in one: `customerId`, `customer.id`. */
export type FieldPath<Row> = {
  [Field in keyof Row & string]-?:
    | Field
    | (NonNullable<Row[Field]> extends infer Value
        ? Value extends readonly unknown[] | string | number | bigint | boolean
          ? never
          : `${Field}.${keyof Value & string}`
        : never);
}[keyof Row & string];

/** Links as they are written down: by name, each with the feed that it points into and where its id stands. */
export type LinkInputs<Row> = Readonly<
  Record<string, { readonly feed: FeedName; readonly field: FieldPath<Row> }>
>;

/** Links whose fields nobody has checked yet. */
export type UncheckedLinks = Readonly<Record<string, { readonly feed: FeedName; readonly field: string }>>;

/** The links of a feed as they are kept: each with its name and the feed that it points into. */
export type LinkOf<Links extends UncheckedLinks> = {
  [Name in keyof Links & string]: FeedLink<Name, Links[Name]["feed"]>;
}[keyof Links & string];

/** Defines a feed, with links typed by its schema. */
export function defineFeed<
  Schema extends z.ZodType,
  const Name extends FeedName,
  const Links extends UncheckedLinks = Record<never, never>,
>(feed: {
  readonly name: Name;
  readonly module: string;
  readonly path: string;
  readonly reader?: "export" | "list";
  readonly listQuery?: Readonly<Record<string, string>>;
  readonly listSort?: "+Id";
  readonly listEqualsExport?: boolean;
  readonly scope: string;
  readonly schema: Schema;
  /** Names with spaces between them. */
  readonly fields: { readonly always: string; readonly sometimes: string };
  readonly links?: Links & LinkInputs<z.infer<Schema>>;
}): Feed<Schema, Name, LinkOf<Links>> {
  const links = Object.entries<UncheckedLinks[string]>(feed.links ?? {}).map(([name, link]) => ({
    name,
    ...link,
    id: idIn(link.field),
  }));
  return {
    reader: "export",
    listQuery: { active: "Any" },
    listSort: null,
    listEqualsExport: false,
    ...feed,
    fields: { always: wordsOf(feed.fields.always), sometimes: wordsOf(feed.fields.sometimes) },
    // Each of them has its name and its feed.
    links: links as unknown as readonly LinkOf<Links>[],
  };
}

/** What a row refers to. It has passed the feed's schema. */
export function linkIdsOf(feed: Pick<Feed, "links">, row: unknown): LinkIds {
  const ids: Record<string, string | null> = {};
  for (const link of feed.links) ids[link.name] = link.id(row as never);
  return ids;
}

/** Whatever the row is, this fails at most with a TypeError. */
function idIn(field: string): (row: Readonly<Record<string, unknown>>) => string | null {
  const [first = "", part] = field.split(".");
  return (row) => {
    const value = row[first];
    if (part === undefined) return idText(value as EntityId | null | undefined);
    return idText((value as Readonly<Record<string, EntityId>> | null | undefined)?.[part]);
  };
}

function wordsOf(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}
