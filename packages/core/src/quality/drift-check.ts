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
  readonly all: ReadonlySet<string>;
  readonly always: readonly string[];
}

const expectations = new WeakMap<Feed, Expected>();

function expectedOf(feed: Feed): Expected {
  const existing = expectations.get(feed);
  if (existing !== undefined) return existing;
  const { always, sometimes } = feed.fields;
  const expected = { all: new Set([...sometimes, ...always]), always };
  expectations.set(feed, expected);
  return expected;
}

/** The fields of a row, and how they differ from the documented ones. */
interface Shape {
  readonly fields: readonly string[];
  readonly unknown: readonly string[];
  readonly missing: readonly string[];
}

function shapeOf(row: object, { all, always }: Expected): Shape {
  const fields = Object.keys(row);
  return {
    fields,
    unknown: fields.filter((field) => !all.has(field)).map(printable),
    missing: always.filter((field) => !(field in row)),
  };
}

/** Rows that follow each other mostly have the same fields in the same order: only a change of shape is looked at. */
function compare(feed: Feed, rows: readonly unknown[]) {
  const expected = expectedOf(feed);
  const unknown = new Map<string, number>();
  const missing = new Map<string, number>();
  let shape: Shape | null = null;
  for (const row of rows) {
    if (typeof row !== "object" || row === null) continue;
    if (shape === null || !hasFields(row, shape.fields)) shape = shapeOf(row, expected);
    for (const field of shape.unknown) count(unknown, field);
    for (const field of shape.missing) count(missing, field);
  }
  return { unknown, missing };
}

function hasFields(row: object, fields: readonly string[]): boolean {
  let index = 0;
  for (const field in row) {
    if (field !== fields[index]) return false;
    index += 1;
  }
  return index === fields.length;
}

function count(counts: Map<string, number>, field: string): void {
  counts.set(field, (counts.get(field) ?? 0) + 1);
}

/** A name that is none may be anybody's data. */
function printable(field: string): string {
  return /^[A-Za-z_][\w-]{0,63}$/.test(field) ? field : "(not a name)";
}
