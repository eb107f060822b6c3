import type { z } from "zod";

/** The ServiceTitan streams that this library knows. */
export type FeedName =
  | "customers"
  | "customer-contacts"
  | "locations"
  | "invoices"
  | "memberships"
  | "membership-types"
  | "jobs"
  | "appointments"
  | "job-types"
  | "zones"
  | "business-units";

/** A reference from an entity to another feed's entity. */
export interface FeedLink {
  /** The feed that the reference points into. */
  readonly feed: FeedName;
  /** The referenced id as text, `null` when there is none. */
  readonly id: (entity: never) => string | null;
}

/**
 * One ServiceTitan stream, as data: adding a feed touches its own file and the list of feeds.
 *
 * @typeParam Schema - the structure check. Loose: unknown fields pass, fields that no record uses are not named.
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
  /** How its list is sorted so that pages do not shift while rows change; `null` where it cannot be. */
  readonly listSort: "+Id" | null;
  /** The scope that the app must have been granted. */
  readonly scope: string;
  readonly schema: Schema;
  /**
   * References that the records are joined by, at most three. The order is stored with the landed
   * entities: append, never reorder.
   */
  readonly links: readonly FeedLink[];
}

/** Defines a feed, with links typed by its schema. */
export function defineFeed<Schema extends z.ZodType>(feed: {
  name: FeedName;
  module: string;
  path: string;
  reader?: "export" | "list";
  listQuery?: Readonly<Record<string, string>>;
  listSort?: "+Id";
  scope: string;
  schema: Schema;
  links?: readonly { feed: FeedName; id: (entity: z.infer<Schema>) => number | null | undefined }[];
}): Feed<Schema> {
  return {
    reader: "export",
    listQuery: { active: "Any" },
    listSort: null,
    ...feed,
    links: (feed.links ?? []).map((link) => ({
      feed: link.feed,
      id: (entity: never) => {
        const id = link.id(entity);
        return id === null || id === undefined || id === 0 ? null : String(id);
      },
    })),
  };
}
