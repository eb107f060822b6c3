import { hash } from "node:crypto";
import type { HostRecord } from "./record.js";

/** Columns that identify the run or import of a record, not its content. */
const deliveryColumns: readonly string[] = ["version", "hub_plus_import_id"];

/**
 * The canonical text of what a record says: equal for two records of one type exactly when all columns but
 * `version` and `hub_plus_import_id` are equal, added ones included, in whatever order they stand.
 *
 * @param columns - Those of its type, in their order.
 */
export function contentOf(record: HostRecord, columns: readonly string[]): string {
  const values: Readonly<Record<string, unknown>> = { ...record };
  const own = columns.filter((column) => !deliveryColumns.includes(column)).map((column) => values[column]);
  const added = addedColumns(record, columns);
  return JSON.stringify(added.length === 0 ? own : [...own, ...added]);
}

/** The columns that a company's mapping has added to those of its type, by name, ascending. */
export function addedColumns(
  record: HostRecord,
  columns: readonly string[],
): readonly (readonly [name: string, value: string | null])[] {
  if (Object.keys(record).length === columns.length) return [];
  return Object.entries(record)
    .filter(([name]) => !columns.includes(name))
    .sort(([one], [other]) => (one < other ? -1 : 1)) as [string, string | null][];
}

/** SHA-256 of {@link contentOf}, base64url. */
export function recordHash(record: HostRecord, columns: readonly string[]): string {
  return hash("sha256", contentOf(record, columns), "base64url");
}
