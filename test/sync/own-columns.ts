import type { Row } from "./world.js";

/** Columns that the host's tables do not have, or that a run gives again. */
const ownColumns = new Set([
  "id",
  "created_at",
  "processed",
  "version",
  "source_tenant",
  "environment",
  "revision",
]);

/** A row of our stream tables as a host's table would have it. */
export function columnsOf(row: Row): Row {
  const entries = Object.entries(row).filter(([name]) => !ownColumns.has(name) && name !== "source_id");
  return Object.fromEntries(entries);
}
