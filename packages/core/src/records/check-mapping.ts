import { type PathStep, parsePath } from "./column-path.js";
import { type ColumnFormat, type CompanyMapping, columnFormats } from "./company-mapping.js";
import { type CustomColumn, type CustomColumns, formatOfColumn } from "./custom-columns.js";
import type { RecordCatalog } from "./definitions/catalog.js";
import type { RecordPlan } from "./definitions/record-plan.js";

/** Columns that say whose record it is and how it came: a mapping leaves them alone. */
export const fixedColumns = ["tenant", "software", "hub_plus_import_id", "active_member", "version"] as const;
/** Columns that tables and files of records have besides the record's. */
export const tableColumns = [
  "id",
  "created_at",
  "processed",
  "source_id",
  "source_tenant",
  "environment",
  "revision",
  "op",
] as const;
const reserved: readonly string[] = [...fixedColumns, ...tableColumns];

/** Checks a mapping whole, and makes its columns ready. @returns every mistake with its place. */
export function checkMapping(
  { plans }: Pick<RecordCatalog, "plans">,
  mapping: CompanyMapping,
): {
  readonly columns: CustomColumns;
  readonly issues: readonly string[];
} {
  const known = plans.map(({ record }) => record);
  const issues = Object.keys(mapping)
    .filter((type) => !known.includes(type))
    .map((type) => `mapping.${type}: there is no such record type, expected one of ${known.join(", ")}`);
  const read = (plan: RecordPlan): readonly CustomColumn[] =>
    Object.entries<unknown>(mapping[plan.record] ?? {}).flatMap(([name, source]) => {
      const column = readColumn(plan, name, source);
      if (typeof column !== "string") return [column];
      issues.push(`mapping.${plan.record}.${name}: ${column}`);
      return [];
    });
  return { columns: Object.fromEntries(plans.map((plan) => [plan.record, read(plan)])), issues };
}

/** The column, or what is wrong with it. */
function readColumn({ columns, roots }: RecordPlan, name: string, given: unknown): CustomColumn | string {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(name)) {
    return "expected a column name of at most 63 lower-case letters, digits and underscores";
  }
  if (reserved.includes(name)) return "a mapping may not fill this column";
  const { from, as } = unfold(given);
  const isOwn = columns.includes(name);
  const format = as ?? (isOwn ? (formatOfColumn[name] ?? "text") : "text");
  if (as !== undefined && !columnFormats.includes(as as ColumnFormat)) {
    return `as: expected one of ${columnFormats.join(", ")}`;
  }
  if (typeof from === "function") {
    return { name, source: from as (joined: never) => never, format: format as ColumnFormat };
  }
  if (typeof from !== "string") {
    return "expected a path, a function, or { from, as } with one of them";
  }
  const steps = parsePath(from.trim());
  if (steps === null) {
    return `${JSON.stringify(from)} is not a path; expected one such as customer.customFields[name=Gate code].value`;
  }
  const fault = faultOfPath(roots, steps);
  return fault ?? { name, source: steps, format: format as ColumnFormat };
}

function unfold(given: unknown): { readonly from: unknown; readonly as: unknown } {
  return typeof given === "object" && given !== null && "from" in given
    ? { from: given.from, as: "as" in given ? given.as : undefined }
    : { from: given, as: undefined };
}

/** Starts with a relation and a field that ServiceTitan documents: misspelled ones would stay empty. */
function faultOfPath(roots: RecordPlan["roots"], [first, ...others]: readonly PathStep[]): string | null {
  const root = first?.kind === "field" && Object.hasOwn(roots, first.name) ? roots[first.name] : undefined;
  if (first?.kind !== "field" || root === undefined) {
    return `a path begins with one of ${Object.keys(roots).join(", ")}`;
  }
  const [choice, ...rest] = others;
  if (root.isList && (choice === undefined || choice.kind === "field")) {
    return `${first.name} is a list: choose an element, as in ${first.name}[0] or ${first.name}[type=Email]`;
  }
  if (!root.isList && choice?.kind !== "field") return `${first.name} is not a value: name one of its fields`;
  const fields = [
    root.isList && choice?.kind === "where" ? choice.field : null,
    fieldName(root.isList ? rest[0] : choice),
  ];
  if (fields[1] === null) return `${first.name} is not a value: name one of its fields`;
  const documented = [...root.feed.fields.always, ...root.feed.fields.sometimes];
  const unknown = fields.find((field) => field !== null && !documented.includes(field));
  if (unknown === undefined || unknown === null) return null;
  const near = documented.find((field) => field.toLowerCase() === unknown.toLowerCase());
  const hint = near === undefined ? "a function can still read it" : `did you mean ${near}?`;
  return `ServiceTitan does not document a field ${unknown} of ${root.feed.name}; ${hint}`;
}

function fieldName(step: PathStep | undefined): string | null {
  return step?.kind === "field" ? step.name : null;
}
