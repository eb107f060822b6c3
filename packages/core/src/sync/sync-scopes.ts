import type { FeedName } from "../feeds/feed.js";
import { feedOf, type RecordCatalog } from "../records/definitions/catalog.js";
import { shippedCatalog } from "../records/definitions/definitions.js";

/** A scope that an app has to be granted before runs can read what they need. */
export interface SyncScope {
  /** As ServiceTitan writes it: `tn.crm.customers:r`. */
  readonly scope: string;
  /** What is read with it. */
  readonly feeds: readonly FeedName[];
  /** Whether runs fail without it; without one of the others they are `partial`, and some fields stay empty. */
  readonly isNeeded: boolean;
}

/** The scopes of all feeds that runs read, those first without which they fail. */
export const syncScopes: readonly SyncScope[] = scopesOf(shippedCatalog);

/** The scopes of a catalog's feeds, those first without which runs fail. */
export function scopesOf(catalog: RecordCatalog): readonly SyncScope[] {
  const { drivers, related } = catalog;
  const byScope = Map.groupBy([...drivers, ...related], (name) => feedOf(catalog, name).scope);
  return [...byScope].map(([scope, read]) => ({
    scope,
    feeds: read,
    isNeeded: read.some((name) => drivers.includes(name)),
  }));
}
