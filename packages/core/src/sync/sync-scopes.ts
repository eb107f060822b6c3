import type { FeedName } from "../feeds/feed.js";
import { feeds, type KnownFeedName } from "../feeds/feeds.js";
import { plansFor } from "./run/record-plan.js";

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
export const syncScopes: readonly SyncScope[] = collectScopes();

function collectScopes(): readonly SyncScope[] {
  const plans = plansFor("both");
  const drivers = new Set<KnownFeedName>(plans.map((plan) => plan.driver));
  const names = [...new Set([...drivers, ...plans.flatMap((plan) => plan.related)])];
  const byScope = Map.groupBy(names, (name) => feeds[name].scope);
  return [...byScope].map(([scope, read]) => ({
    scope,
    feeds: read,
    isNeeded: read.some((name) => drivers.has(name)),
  }));
}
