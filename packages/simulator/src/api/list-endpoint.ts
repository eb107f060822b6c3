import { joinRows } from "../store/byte-store.js";
import type { Entry } from "../store/entry.js";
import { type FeedTable, parseRow } from "../store/feed-table.js";
import { type Answer, jsonAnswer } from "./exchange.js";
import type { ListQuery } from "./list-query.js";

/** One page of a list, before it is written. */
export interface ListPage {
  readonly page: number;
  readonly pageSize: number;
  readonly hasMore: boolean;
  readonly totalCount: number | null;
  readonly entries: readonly Entry[];
}

/** The lists of a simulator. It keeps what recent queries found, for as long as the feed does not change. */
export interface ListReader {
  read(table: FeedTable, query: ListQuery, queryText: URLSearchParams): ListPage;
  /** @param without - A field to leave out besides. */
  print(table: FeedTable, page: ListPage, query: ListQuery, without?: string): Answer;
  /** One single row, with the fields that a list omits by default. */
  printItem(table: FeedTable, entry: Entry): Answer;
}

const maxFindings = 64;

export function createListReader(): ListReader {
  const findings = new WeakMap<FeedTable, { version: number; byQuery: Map<string, readonly Entry[]> }>();
  const listBytes = new WeakMap<Entry, Uint8Array>();

  function find(table: FeedTable, query: ListQuery, queryText: URLSearchParams): readonly Entry[] {
    let known = findings.get(table);
    if (known === undefined || known.version !== table.version) {
      known = { version: table.version, byQuery: new Map() };
      findings.set(table, known);
    }
    const key = paginglessText(queryText);
    const found = known.byQuery.get(key) ?? search(table, query);
    if (known.byQuery.size >= maxFindings) known.byQuery.clear();
    known.byQuery.set(key, found);
    return found;
  }

  function bytesOf(
    table: FeedTable,
    entry: Entry,
    emptied: readonly string[],
    without: string | undefined,
  ): Uint8Array {
    const { exportOnly } = table.route;
    if (without === undefined && exportOnly.length === 0 && emptied.length === 0) return entry.bytes;
    const isUsual = without === undefined && emptied.length === 0;
    const known = isUsual ? listBytes.get(entry) : undefined;
    if (known !== undefined) return known;

    const row: Record<string, unknown> = { ...parseRow(entry) };
    for (const field of emptied) row[field] = null;
    for (const field of exportOnly) delete row[field];
    if (without !== undefined) delete row[without];
    const bytes = new TextEncoder().encode(JSON.stringify(row));
    if (isUsual) listBytes.set(entry, bytes);
    return bytes;
  }

  return {
    read(table, query, queryText) {
      const found = find(table, query, queryText);
      const first = (query.page - 1) * query.pageSize;
      return {
        page: query.page,
        pageSize: query.pageSize,
        hasMore: first + query.pageSize < found.length,
        totalCount: query.includeTotal ? found.length : null,
        entries: found.slice(first, first + query.pageSize),
      };
    },
    print(table, { page, pageSize, hasMore, totalCount, entries }, query, without) {
      const emptied = Object.keys(table.route.onRequest).filter((field) => !query.requested.has(field));
      const rows = entries.map((entry) => bytesOf(table, entry, emptied, without));
      const head = `{"page":${page},"pageSize":${pageSize},"hasMore":${hasMore},"totalCount":${totalCount},"data":[`;
      return jsonAnswer(200, joinRows(head, rows, "]}"));
    },
    printItem: (table, entry) => jsonAnswer(200, joinRows("", [bytesOf(table, entry, [], undefined)], "")),
  };
}

function search(table: FeedTable, { conditions, active, sort }: ListQuery): readonly Entry[] {
  const tests = conditions.map(({ field, holds }) => ({ index: table.keyIndex(field), holds }));
  const found = table
    .entries()
    .filter(
      (entry) =>
        (active === null || entry.active === active) &&
        tests.every(({ index, holds }) => holds(entry.keys[index] ?? null)),
    );
  if (sort.field === "id") return sort.descending ? found.reverse() : found;
  const index = table.keyIndex(sort.field);
  const direction = sort.descending ? -1 : 1;
  return found.sort(
    (left, right) => direction * (compare(left.keys[index], right.keys[index]) || left.id - right.id),
  );
}

function compare(
  left: string | number | null | undefined,
  right: string | number | null | undefined,
): number {
  if (left === right) return 0;
  return (left ?? "") < (right ?? "") ? -1 : 1;
}

function paginglessText(query: URLSearchParams): string {
  const rest = new URLSearchParams(query);
  for (const parameter of ["page", "pageSize", "includeTotal"]) rest.delete(parameter);
  rest.sort();
  return rest.toString();
}
