import type { FeedName } from "../feeds/feed.js";

/**
 * A value, else its fallback. Before every feed that the field comes from has been read, nobody knows yet
 * whether there is something to fall back from: the field stays `null`.
 */
export function valueOr<Value>(
  value: Value | null,
  fallback: Value | null,
  from: { readonly feeds: readonly FeedName[]; readonly drained: ReadonlySet<FeedName> },
): Value | null {
  if (value !== null) return value;
  return from.feeds.every((feed) => from.drained.has(feed)) ? fallback : null;
}
