import type { z } from "zod";
import { type EntityId, idText } from "./entity-id.js";

/**
 * The name of a ServiceTitan stream, for instance `customers`. Open, so that a feed is added where it is
 * defined and nowhere else; those of this library stand in the list of feeds.
 */
export type FeedName = string;

/** A reference from an entity to another feed's entity. */
export interface FeedLink {
  /** The feed that the reference points into. */
  readonly feed: FeedName;
  /** The referenced id as text, `null` when there is none. */
  readonly id: (entity: never) => string | null;
}

/** Names of the fields on a row's first level. */
export interface DocumentedFields {
  /** In every row. */
  readonly always: readonly string[];
  /** May be absent, or are so in one of list and export. */
  readonly sometimes: readonly string[];
}

/**
 * One ServiceTitan stream, as data: adding a feed touches its own file and the list of feeds.
 *
 * @typeParam Schema - the structure check. It names the fields that records use and passes over all others: the
 * row itself is kept as it came.
 */
export interface Feed<Schema extends z.ZodType = z.ZodType> {
  readonly name: FeedName;
  /** First path segment of the API module, for instance `crm`. */
  readonly module: string;
  /** Path behind `/{module}/v2/tenant/{tenant}/`. */
  readonly path: string;
  /** `export` follows `export/{path}`; `list` reads the list whole each run (there is no export feed). */
  readonly reader: "export" | "list";
  /** Query parameters that a list needs so that inactive rows are included. */
  readonly listQuery: Readonly<Record<string, string>>;
  /**
   * Whether its list gives the same rows as its export, inactive ones included, sorted by id: a first load may
   * read it many pages at once then.
   */
  readonly listEqualsExport: boolean;
  /** How its list is sorted so that pages do not shift while rows change; `null` where it cannot be. */
  readonly listSort: "+Id" | null;
  /** The scope that the app must have been granted. */
  readonly scope: string;
  readonly schema: Schema;
  /** The fields of a row that ServiceTitan documents, to notice when that changes. */
  readonly fields: DocumentedFields;
  /**
   * References that the records are joined by, and the customer that an entity belongs to: with it, it is
   * erased. At most three; the order is stored with the landed entities: append, never reorder.
   */
  readonly links: readonly FeedLink[];
}

/** A row of a feed as it is landed: fields that its schema does not name are there as well. */
export type RowOf<SomeFeed extends { readonly schema: z.ZodType }> = z.infer<SomeFeed["schema"]> & {
  readonly [field: string]: unknown;
};

/** Defines a feed, with links typed by its schema. */
export function defineFeed<Schema extends z.ZodType>(feed: {
  name: FeedName;
  module: string;
  path: string;
  reader?: "export" | "list";
  listQuery?: Readonly<Record<string, string>>;
  listSort?: "+Id";
  listEqualsExport?: boolean;
  scope: string;
  schema: Schema;
  /** Names with blanks between them. */
  fields: { always: string; sometimes: string };
  links?: readonly { feed: FeedName; id: (entity: z.infer<Schema>) => EntityId | null | undefined }[];
}): Feed<Schema> {
  return {
    reader: "export",
    listQuery: { active: "Any" },
    listSort: null,
    listEqualsExport: false,
    ...feed,
    fields: { always: wordsOf(feed.fields.always), sometimes: wordsOf(feed.fields.sometimes) },
    links: (feed.links ?? []).map((link) => ({
      feed: link.feed,
      id: (entity: never) => idText(link.id(entity)),
    })),
  };
}

function wordsOf(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}
