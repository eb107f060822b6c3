import { instantKey, keyOfTime, zeroKey } from "../instant.js";
import { joinRows } from "../store/byte-store.js";
import type { Entry } from "../store/entry.js";
import type { FeedTable, Position } from "../store/feed-table.js";
import { parseCursor, printCursor } from "./cursor.js";
import { type Answer, jsonAnswer } from "./exchange.js";
import { activityOf } from "./list-query.js";
import { invalidValue } from "./problem.js";

/** One page of an export, before it is written. */
export interface ExportPage {
  readonly entries: readonly Entry[];
  readonly hasMore: boolean;
  readonly continueFrom: string;
}

export interface ExportRequest {
  readonly table: FeedTable;
  /** Names the feed of the tenant: a token is valid only for its owner. */
  readonly owner: string;
  readonly query: URLSearchParams;
  readonly pageSize: number;
  /** How long a change stays hidden. */
  readonly lagMs: number;
  readonly now: number;
}

const beginning: Position = { modified: zeroKey, id: -1 };

/**
 * Reads a page in the order of (modification, id). A row whose change is younger than the lag does not appear, and
 * nothing behind it either, so that no token skips a row that is still to appear.
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
  const wanted = table.route.exportTakesActive ? activityOf("active", query, null) : null;
  const { entries, next } = collect(ordered, first, Math.max(first, end), pageSize, wanted);
  return {
    entries,
    hasMore: next < end,
    continueFrom: printCursor(owner, next > first ? (ordered[next - 1] ?? start) : start),
  };
}

/** Takes rows until the page is full, skipping unwanted ones. */
function collect(
  ordered: readonly Entry[],
  first: number,
  end: number,
  pageSize: number,
  wanted: boolean | null,
): { entries: readonly Entry[]; next: number } {
  if (wanted === null) {
    const next = Math.min(first + pageSize, end);
    return { entries: ordered.slice(first, next), next };
  }
  const entries: Entry[] = [];
  let next = first;
  for (; next < end && entries.length < pageSize; next += 1) {
    const entry = ordered[next];
    if (entry?.active === wanted) entries.push(entry);
  }
  return { entries, next };
}

/** Where an export continues from, by the parameter `from`. */
export function startOf(owner: string, from: string | null): Position {
  if (from === null || from === "") return beginning;
  const position = parseCursor(owner, from);
  if (position !== null) return position;
  const date = instantKey(from);
  if (date === null) throw invalidValue("from", from);
  return { modified: date, id: -1 };
}

export function printExportPage(page: ExportPage): Answer {
  const head = `{"hasMore":${page.hasMore},"continueFrom":${JSON.stringify(page.continueFrom)},"data":[`;
  return jsonAnswer(
    200,
    joinRows(
      head,
      page.entries.map((entry) => entry.bytes),
      "]}",
    ),
  );
}
