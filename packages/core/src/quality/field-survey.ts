import type { Feed } from "../feeds/feed.js";
import type { PageRow } from "../json/page-row.js";
import type { UsedField } from "../records/used-fields.js";

/** Which rows of a page lack a field that records use. */
export interface AbsentField {
  readonly field: UsedField;
  readonly rows: readonly PageRow[];
  /** The rows that could contain it: all, or those that have its object. */
  readonly of: number;
}

/** How the fields of a page's rows differ from those that ServiceTitan documents. */
export interface FieldSurvey {
  /** Undocumented fields, with the number of rows that have them. */
  readonly unknown: ReadonlyMap<string, number>;
  /** Fields that are documented as always present, with the number of rows that lack them. */
  readonly missing: ReadonlyMap<string, number>;
  /** Fields that records use and that at least one row lacks. */
  readonly absent: readonly AbsentField[];
}

/**
 * Looks at the names of fields, whatever their values: a field that is `null` is there. What is no object is the
 * structure check's matter.
 */
export function surveyFields(feed: Feed, rows: readonly PageRow[], used: readonly UsedField[]): FieldSurvey {
  const expected = expectedOf(feed);
  const unknown = new Map<string, number>();
  const missing = new Map<string, number>();
  const [outer, ...inner] = groupsOf(used);
  let shape: Shape | null = null;
  for (const row of rows) {
    const { value } = row;
    if (typeof value !== "object" || value === null) continue;
    // Consecutive rows mostly have the same fields in the same order: only changes of shape are examined.
    if (shape === null || !hasFields(value, shape.fields)) shape = shapeOf(value, expected);
    for (const field of shape.unknown) count(unknown, field);
    for (const field of shape.missing) count(missing, field);
    outer.see(row, value);
    for (const group of inner) group.see(row, (value as Readonly<Record<string, unknown>>)[group.parent]);
  }
  return { unknown, missing, absent: [outer, ...inner].flatMap((group) => group.absent()) };
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

/** The fields of one object of a row, or on its first level, and the rows that lack them. */
class FieldGroup {
  readonly parent: string;
  readonly #fields: UsedField[] = [];
  readonly #lacking = new Map<UsedField, PageRow[]>();
  #seen = 0;
  #shape: readonly string[] | null = null;
  #lacked: readonly UsedField[] = [];

  constructor(parent: string) {
    this.parent = parent;
  }

  add(field: UsedField): void {
    this.#fields.push(field);
  }

  see(row: PageRow, holder: unknown): void {
    if (typeof holder !== "object" || holder === null || Array.isArray(holder)) return;
    this.#seen += 1;
    if (this.#shape === null || !hasFields(holder, this.#shape)) {
      this.#shape = Object.keys(holder);
      this.#lacked = this.#fields.filter(({ name }) => !Object.hasOwn(holder, name));
    }
    for (const field of this.#lacked) {
      const rows = this.#lacking.get(field);
      if (rows === undefined) this.#lacking.set(field, [row]);
      else rows.push(row);
    }
  }

  absent(): readonly AbsentField[] {
    return [...this.#lacking].map(([field, rows]) => ({ field, rows, of: this.#seen }));
  }
}

/** The first level comes first. */
function groupsOf(used: readonly UsedField[]): readonly [FieldGroup, ...FieldGroup[]] {
  const outer = new FieldGroup("");
  const inner = new Map<string, FieldGroup>();
  for (const field of used) {
    if (field.parent === null) {
      outer.add(field);
      continue;
    }
    const group = inner.get(field.parent) ?? new FieldGroup(field.parent);
    inner.set(field.parent, group);
    group.add(field);
  }
  return [outer, ...inner.values()];
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

/** A text that is not a field name may be personal data. */
function printable(field: string): string {
  return /^[A-Za-z_][\w-]{0,63}$/.test(field) ? field : "(not a name)";
}
