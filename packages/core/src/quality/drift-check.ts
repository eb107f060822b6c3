import type { Feed, FeedName } from "../feeds/feed.js";

/** How rows differ from what ServiceTitan documents of a feed. */
export interface SchemaDrift {
  readonly feed: FeedName;
  /** Fields that are not documented, with the number of rows of the page that had them. */
  readonly unknown: ReadonlyMap<string, number>;
  /** Fields that are documented as always there, with the number of rows of the page that lacked them. */
  readonly missing: ReadonlyMap<string, number>;
}

/** Tells of each field that drifts once. One for a run. */
export interface DriftCheck {
  /** What these rows show for the first time; `null` when nothing. */
  see(feed: Feed, rows: readonly unknown[]): SchemaDrift | null;
}

/** Keeps a feed that sends ever new names from filling memory and log. */
const mostFields = 50;

export function createDriftCheck(): DriftCheck {
  const told = new Map<FeedName, Set<string>>();

  return {
    see(feed, rows) {
      const known = told.get(feed.name) ?? new Set<string>();
      told.set(feed.name, known);
      const isNews = (field: string): boolean => {
        if (known.has(field) || known.size >= mostFields) return false;
        known.add(field);
        return true;
      };
      const { unknown, missing } = compare(feed, rows);
      const drift = {
        feed: feed.name,
        unknown: new Map([...unknown].filter(([field]) => isNews(field))),
        missing: new Map([...missing].filter(([field]) => isNews(`-${field}`))),
      };
      return drift.unknown.size + drift.missing.size === 0 ? null : drift;
    },
  };
}

interface Expected {
  /** By field, whether it is always there. */
  readonly fields: ReadonlyMap<string, boolean>;
  readonly always: number;
}

const expectations = new WeakMap<Feed, Expected>();

function expectedOf(feed: Feed): Expected {
  const existing = expectations.get(feed);
  if (existing !== undefined) return existing;
  const { always, sometimes } = feed.fields;
  const fields = new Map([
    ...sometimes.map((field) => [field, false] as const),
    ...always.map((field) => [field, true] as const),
  ]);
  const expected = { fields, always: always.length };
  expectations.set(feed, expected);
  return expected;
}

/** One look at each field of each row; only rows that differ cost more. */
function compare(feed: Feed, rows: readonly unknown[]) {
  const { fields, always } = expectedOf(feed);
  const unknown = new Map<string, number>();
  const missing = new Map<string, number>();
  for (const row of rows) {
    if (typeof row !== "object" || row === null) continue;
    let found = 0;
    for (const field in row) {
      const isAlways = fields.get(field);
      if (isAlways === true) found += 1;
      else if (isAlways === undefined) count(unknown, printable(field));
    }
    if (found === always) continue;
    for (const field of feed.fields.always) if (!(field in row)) count(missing, field);
  }
  return { unknown, missing };
}

function count(counts: Map<string, number>, field: string): void {
  counts.set(field, (counts.get(field) ?? 0) + 1);
}

/** A name that is none may be anybody's data. */
function printable(field: string): string {
  return /^[A-Za-z_][\w-]{0,63}$/.test(field) ? field : "(not a name)";
}
