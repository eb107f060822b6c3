import { readBackfill } from "./backfill-reader.js";
import { type ExportReadOptions, readExport } from "./export-reader.js";
import type { FeedPage } from "./feed-page.js";
import type { ReadingSizes } from "./reading-sizes.js";

export interface FollowOptions extends ExportReadOptions {
  /** How a first load may be read in parallel; `null` if it may not. */
  readonly backfill: ReadingSizes | null;
}

/** Everything of a feed since its cursor: a first load by its list where that is faster, then the export. */
export async function* followFeed(options: FollowOptions): AsyncGenerator<FeedPage, void, undefined> {
  const { backfill } = options;
  const cursor = backfill === null ? options.cursor : yield* readBackfill(options, backfill);
  yield* readExport({ ...options, cursor });
}
