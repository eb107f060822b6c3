import { feedRoutes, type SimulatedFeed } from "../feeds.js";
import type { Row } from "../row.js";
import { modifiedKey } from "../store/entry.js";
import { planTenant, type TenantSize } from "./plan.js";

/** Makes one row at a time, so that a large tenant never lies in memory as objects. */
export function createGenerator(
  size: TenantSize,
  rowsPerInstant: number | null,
): (feed: SimulatedFeed) => Iterable<Row> {
  const plan = planTenant(size);
  return (feed) => {
    const rows = feedRoutes[feed].rows(plan);
    return rowsPerInstant === null ? withSomeTies(rows) : withTies(rows, rowsPerInstant);
  };
}

/** Bulk edits leave a few neighbors with the same modification instant. */
function* withSomeTies(rows: Iterable<Row>): Iterable<Row> {
  let previous: Row | null = null;
  let index = 0;
  for (const row of rows) {
    const isTied = previous !== null && index % 20 === 0;
    const next: Row = isTied ? { ...row, modifiedOn: previous?.["modifiedOn"] } : row;
    yield next;
    previous = next;
    index += 1;
  }
}

/** Gives every group of this many rows, in order of modification, the same instant. */
function withTies(rows: Iterable<Row>, size: number): readonly Row[] {
  const ordered = [...rows]
    .map((row) => ({ row, key: modifiedKey(row) }))
    .sort((left, right) =>
      left.key < right.key ? -1 : left.key > right.key ? 1 : left.row.id - right.row.id,
    );
  return ordered.map(({ row }, index) => {
    const first = ordered[Math.floor(index / size) * size];
    return first === undefined ? row : { ...row, modifiedOn: first.row["modifiedOn"] };
  });
}
