import { type ComparableRow, differingColumns } from "./comparable.js";

/** A row that has no equal on the other side. */
export type Discrepancy =
  | {
      readonly kind: "differs";
      readonly key: string;
      readonly columns: readonly string[];
      readonly here: ComparableRow;
      readonly there: ComparableRow;
    }
  | { readonly kind: "only-here" | "only-there"; readonly key: string; readonly row: ComparableRow };

export interface KeyedRow {
  readonly key: string;
  readonly row: ComparableRow;
}

/** The result of comparing all rows of some keys on both sides. */
export interface Comparison {
  readonly matched: number;
  readonly discrepancies: readonly Discrepancy[];
}

/**
 * Compares the rows of two sides by key. Where a key has several rows on a side, equal ones are paired first and
 * the others in their order.
 *
 * @param here - the delivered records.
 * @param there - the report's rows.
 */
export function compareRows(here: readonly KeyedRow[], there: readonly KeyedRow[]): Comparison {
  const ours = byKey(here);
  const theirs = byKey(there);
  let matched = 0;
  const discrepancies: Discrepancy[] = [];
  for (const key of new Set([...ours.keys(), ...theirs.keys()])) {
    const left = [...(ours.get(key) ?? [])];
    const right = [...(theirs.get(key) ?? [])];
    matched += takeEqual(left, right);
    for (const [index, row] of left.entries()) {
      const other = right[index];
      if (other === undefined) discrepancies.push({ kind: "only-here", key, row });
      else {
        const columns = differingColumns(row, other);
        discrepancies.push({ kind: "differs", key, columns, here: row, there: other });
      }
    }
    for (const row of right.slice(left.length)) discrepancies.push({ kind: "only-there", key, row });
  }
  return { matched, discrepancies };
}

/** Removes pairs of equal rows from both lists. @returns the number of pairs. */
function takeEqual(left: ComparableRow[], right: ComparableRow[]): number {
  let taken = 0;
  for (let index = left.length - 1; index >= 0; index -= 1) {
    const row = left[index];
    const other = row === undefined ? -1 : right.findIndex((one) => differingColumns(row, one).length === 0);
    if (other < 0) continue;
    left.splice(index, 1);
    right.splice(other, 1);
    taken += 1;
  }
  return taken;
}

function byKey(rows: readonly KeyedRow[]): ReadonlyMap<string, readonly ComparableRow[]> {
  const groups = new Map<string, ComparableRow[]>();
  for (const { key, row } of rows) {
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}
