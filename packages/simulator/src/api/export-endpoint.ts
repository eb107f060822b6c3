import { instantKey, keyOfTime, zeroKey } from "../instant.js";
import type { Entry } from "../store/entry.js";
import type { FeedTable, Position } from "../store/feed-table.js";
import { parseCursor, printCursor } from "./cursor.js";
import { type Answer, jsonAnswer } from "./exchange.js";
import { invalidValue } from "./problem.js";

/** One page of an export, before it is written. */
export interface ExportPage {
  readonly entries: readonly Entry[];
  readonly hasMore: boolean;
  readonly continueFrom: string;
}

export interface ExportRequest {
  readonly table: FeedTable;
  /** Names the feed of the tenant: a token is good for its owner only. */
  readonly owner: string;
  readonly query: URLSearchParams;
  readonly pageSize: number;
  /** How long a change stays hidden. */
  readonly lagMs: number;
  readonly now: number;
}

const beginning: Position = { modified: zeroKey, id: -1 };

/**
 * Reads a page in the order of (modification, id). A row whose change is younger than the lag does not appear,
 * and nothing behind it either, so that no token passes over a row that is yet to appear.
 *
 * @throws {@link Refusal} when `from` is neither a token of this feed nor a date.
 */
export function readExportPage({ table, owner, query, pageSize, lagMs, now }: ExportRequest): ExportPage {
  const start = startOf(owner, query.get("from"));
  const wantsRecent = query.get("includeRecentChanges")?.toLowerCase() === "true";
  const ordered = table.byModification();
  const first = table.indexAfter(start);
  const end =
    wantsRecent || lagMs === 0
      ? ordered.length
      : table.indexAfter({ modified: keyOfTime(now - lagMs, 9999), id: Number.MAX_SAFE_INTEGER });
  const entries = ordered.slice(first, Math.max(first, Math.min(first + pageSize, end)));
  return {
    entries,
    hasMore: first + pageSize < end,
    continueFrom: printCursor(owner, entries.at(-1) ?? start),
  };
}

/** Where an export goes on from, by the parameter `from`. */
export function startOf(owner: string, from: string | null): Position {
  if (from === null || from === "") return beginning;
  const position = parseCursor(owner, from);
  if (position !== null) return position;
  const date = instantKey(from);
  if (date === null) throw invalidValue("from", from);
  return { modified: date, id: -1 };
}

export function printExportPage(page: ExportPage): Answer {
  const data = page.entries.map((entry) => entry.text).join(",");
  return jsonAnswer(
    200,
    `{"hasMore":${page.hasMore},"continueFrom":${JSON.stringify(page.continueFrom)},"data":[${data}]}`,
  );
}
