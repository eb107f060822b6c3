import type { FeedRoute } from "../feeds.js";
import type { InstantKey } from "../instant.js";
import { type Row, toRow } from "../row.js";
import { createByteStore } from "./byte-store.js";
import { type Entry, keyedFields, toEntry } from "./entry.js";

/** A place in the order of an export: the modification and id of the last row delivered. */
export interface Position {
  readonly modified: InstantKey;
  readonly id: number;
}

/** The rows of one feed of one tenant, in the two orders that they are served in. */
export interface FeedTable {
  readonly route: FeedRoute;
  readonly size: number;
  /** Increases with every change: anything computed from earlier rows is stale. */
  readonly version: number;
  /** The index of a field's key in {@link Entry.keys}; -1 if it is not stored. */
  keyIndex(field: string): number;
  get(id: number): Row | null;
  entry(id: number): Entry | null;
  /** Adds or replaces. */
  put(row: Row): void;
  remove(id: number): boolean;
  /** By id. */
  entries(): readonly Entry[];
  /** By modification, then id. */
  byModification(): readonly Entry[];
  /** The index in {@link byModification} of the first row behind the position. */
  indexAfter(position: Position): number;
  rows(): readonly Row[];
  /** An id that no row has had. */
  unusedId(): number;
}

export function createFeedTable(route: FeedRoute, rows: Iterable<Row>): FeedTable {
  const fields = keyedFields(route);
  const store = createByteStore();
  const byId = new Map<number, Entry>();
  let version = 0;
  let highestId = 0;
  for (const row of rows) {
    byId.set(row.id, toEntry(row, fields, store));
    highestId = Math.max(highestId, row.id);
  }
  const inIdOrder = [...byId.values()].sort((left, right) => left.id - right.id);
  const inExportOrder = [...byId.values()].sort(compareModification);

  function take(id: number): Entry | null {
    const entry = byId.get(id);
    if (entry === undefined) return null;
    byId.delete(id);
    inIdOrder.splice(
      lowerBound(inIdOrder, (other) => other.id - id),
      1,
    );
    inExportOrder.splice(
      lowerBound(inExportOrder, (other) => compareModification(other, entry)),
      1,
    );
    version += 1;
    return entry;
  }

  return {
    route,
    get size() {
      return byId.size;
    },
    get version() {
      return version;
    },
    keyIndex: (field) => fields.findIndex(({ name }) => name === field),
    get(id) {
      const entry = byId.get(id);
      return entry === undefined ? null : parseRow(entry);
    },
    entry: (id) => byId.get(id) ?? null,
    put(row) {
      take(row.id);
      const entry = toEntry(row, fields, store);
      byId.set(row.id, entry);
      inIdOrder.splice(
        lowerBound(inIdOrder, (other) => other.id - row.id),
        0,
        entry,
      );
      inExportOrder.splice(
        lowerBound(inExportOrder, (other) => compareModification(other, entry)),
        0,
        entry,
      );
      highestId = Math.max(highestId, row.id);
      version += 1;
    },
    remove: (id) => take(id) !== null,
    entries: () => inIdOrder,
    byModification: () => inExportOrder,
    indexAfter: (position) =>
      lowerBound(inExportOrder, (entry) => (compareModification(entry, position) <= 0 ? -1 : 1)),
    rows: () => inIdOrder.map(parseRow),
    unusedId: () => highestId + 1,
  };
}

export function parseRow(entry: Entry): Row {
  const { buffer, byteOffset, byteLength } = entry.bytes;
  const value: unknown = JSON.parse(Buffer.from(buffer, byteOffset, byteLength).toString("utf8"));
  return toRow(Object(value));
}

function compareModification(left: Position, right: Position): number {
  if (left.modified !== right.modified) return left.modified < right.modified ? -1 : 1;
  return left.id - right.id;
}

/** The first index whose item is not before the wanted place. */
function lowerBound<Item>(items: readonly Item[], compare: (item: Item) => number): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = items[middle];
    if (item !== undefined && compare(item) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
