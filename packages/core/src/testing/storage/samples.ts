import type { LinkIds } from "../../feeds/feed.js";
import type { SettledItem } from "../../ports/delivery-store.js";
import type { FeedCursor } from "../../ports/feed-cursor.js";
import type { NewEntity } from "../../ports/landing-store.js";
import type { RecordFigures, RunRequest } from "../../ports/sync-run.js";
import type { ReadKey } from "../../ports/work-queue.js";

export const defaultRequest: RunRequest = {
  data: "both",
  mode: "incremental",
  fresh: false,
  rederive: false,
  range: null,
  allowRemovals: false,
};

/** A cursor at this token. */
export function cursorAt(token: string): FeedCursor {
  return {
    token,
    pollBeganAt: "2026-03-01T10:00:00.0000000Z",
    drainedAt: null,
    fullPass: null,
    enqueuedWith: null,
    pageBefore: null,
    backfill: null,
  };
}

/** An entity whose content is the given text. */
export function entity(
  id: string,
  content = "first",
  given: {
    readonly modifiedOn?: string | null;
    readonly links?: LinkIds;
    readonly usedHash?: string;
  } = {},
): NewEntity {
  return {
    id,
    payload: JSON.stringify({ id: Number(id), content }),
    contentHash: `hash of ${id} ${content}`,
    usedHash: given.usedHash ?? `used hash of ${id} ${content}`,
    modifiedOn: given.modifiedOn === undefined ? at(1) : given.modifiedOn,
    links: given.links ?? {},
  };
}

/** The text of an {@link entity}'s payload. */
export function contentOf({ payload }: { readonly payload: string }): string {
  const parsed: unknown = JSON.parse(payload);
  if (typeof parsed === "object" && parsed !== null && "content" in parsed) return String(parsed.content);
  return "";
}

/** A time that is this many seconds after the others, with seven fractional digits. */
export function at(second: number): string {
  return `2026-03-01T10:00:${String(second).padStart(2, "0")}.0000000Z`;
}

/** A record of this content was delivered. */
export function upserted({ id, sequence }: ReadKey, revision: number, content = "first"): SettledItem {
  return {
    id,
    sequence,
    outcome: "upserted",
    revision,
    contentHash: `record hash of ${id} ${content}`,
    record: JSON.stringify({ customer_id: id, customer_name: content }),
  };
}

/** Figures that add up with the outcome of the items. */
export function figuresOf(items: readonly SettledItem[]): RecordFigures {
  const count = (...outcomes: readonly SettledItem["outcome"][]): number =>
    items.filter((item) => outcomes.includes(item.outcome)).length;
  return {
    derived: items.length,
    delivered: count("upserted", "removed"),
    removed: count("removed"),
    unchanged: count("unchanged"),
    leftOut: count("left-out"),
    rejected: count("rejected"),
    warned: 0,
  };
}
