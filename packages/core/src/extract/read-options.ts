import type { Feed } from "../feeds/feed.js";
import type { Clock } from "../ports/clock.js";
import type { FeedCursor } from "../ports/feed-cursor.js";
import type { RunWarning } from "../ports/sync-run.js";
import type { PageSource } from "./page-source.js";

/** A run that makes a full pass. */
export interface FullPassOwner {
  readonly runId: string;
  /** The start time of a pass that starts now, or slightly earlier, in ISO 8601 by the storage's clock. */
  readonly beganAt: string;
}

/** What every reader of a feed needs. */
export interface ReadOptions {
  readonly pages: PageSource;
  readonly feed: Feed;
  readonly tenantId: string;
  readonly cursor: FeedCursor;
  /** The run that reads the whole feed from its beginning; `null` to follow the cursor. */
  readonly fullPassOf: FullPassOwner | null;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly warn: (warning: Omit<RunWarning, "count">) => void;
}

/** The path of a feed's list, or of its export. */
export function pathOf(feed: Feed, tenantId: string, kind: "export" | "list"): string {
  const base = `${feed.module}/v2/tenant/${tenantId}`;
  return kind === "export" ? `${base}/export/${feed.path}` : `${base}/${feed.path}`;
}
