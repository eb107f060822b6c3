import type { RecordFigures } from "../ports/sync-run.js";
import { fixedColumns } from "../records/check-mapping.js";
import type { MapOutcome } from "../records/map-outcome.js";
import type { HostRecord } from "../records/record.js";
import { addedColumns } from "../records/record-content.js";

const uncounted: ReadonlySet<string> = new Set(fixedColumns);

/** The name under which records are counted that a rule warned of. */
export function warnedBy(rule: string): string {
  return `warned:${rule}`;
}

/** The rule of a count that {@link warnedBy} named; none for other counts. */
export function ruleOfCount(name: string): readonly string[] {
  const begin = warnedBy("");
  return name.startsWith(begin) ? [name.slice(begin.length)] : [];
}

/** The name under which records are counted in which a column is empty. */
export function emptyIn(column: string): string {
  return `empty:${column}`;
}

/** The column of a count that {@link emptyIn} named; `null` for other counts. */
export function columnOfCount(name: string): string | null {
  return name.startsWith("empty:") ? name.slice("empty:".length) : null;
}

/**
 * What mapped records show: how many have a warning, and how many by each rule and with each column empty.
 *
 * @param columns - Those of their type.
 */
export function findingsOf(
  outcomes: Iterable<MapOutcome<HostRecord>>,
  columns: readonly string[],
): Pick<RecordFigures, "warned"> & { readonly counts: Readonly<Record<string, number>> } {
  const counts = new Map<string, number>();
  const count = (name: string, amount = 1): void => void counts.set(name, (counts.get(name) ?? 0) + amount);
  let warned = 0;
  for (const outcome of outcomes) {
    if (outcome.kind === "rejected") continue;
    if (outcome.warnings.length > 0) warned += 1;
    for (const { rule } of outcome.warnings) count(warnedBy(rule));
    for (const [column, value] of Object.entries(outcome.record)) {
      if (value === null && !uncounted.has(column)) count(emptyIn(column));
    }
    // A later run must be able to distinguish a column that was always filled from one that did not exist
    // yet.
    for (const [column] of addedColumns(outcome.record, columns)) count(emptyIn(column), 0);
  }
  return { warned, counts: Object.fromEntries(counts) };
}

/** The sum of both, name by name. */
export function addCounts(
  left: RecordFigures["counts"],
  right: RecordFigures["counts"],
): { readonly counts?: Readonly<Record<string, number>> } {
  if (left === undefined && right === undefined) return {};
  const sums = { ...left };
  for (const [name, amount] of Object.entries(right ?? {})) sums[name] = (sums[name] ?? 0) + amount;
  return Object.keys(sums).length === 0 ? {} : { counts: sums };
}
