import type { FeedName } from "../feeds/feed.js";
import { OrderedMap } from "./ordered-map.js";

/** Which ids each run has seen in each feed. */
export class SeenIds {
  readonly #runs = new Map<string, Map<FeedName, OrderedMap<true>>>();

  mark(runId: string, feed: FeedName, ids: Iterable<string>): void {
    const feeds = this.#runs.get(runId) ?? new Map<FeedName, OrderedMap<true>>();
    this.#runs.set(runId, feeds);
    const seen = feeds.get(feed) ?? new OrderedMap<true>();
    feeds.set(feed, seen);
    for (const id of ids) seen.set(id, true);
  }

  has(runId: string, feed: FeedName, id: string): boolean {
    return this.#runs.get(runId)?.get(feed)?.has(id) ?? false;
  }

  /** Ascending by id; `null` begins with the lowest. */
  *above(runId: string, feed: FeedName, after: string | null): Generator<string> {
    for (const [id] of this.#runs.get(runId)?.get(feed)?.above(after) ?? []) yield id;
  }

  forget(runId: string): void {
    this.#runs.delete(runId);
  }

  forgetFeed(runId: string, feed: FeedName): void {
    this.#runs.get(runId)?.delete(feed);
  }
}
