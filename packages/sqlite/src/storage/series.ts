import { StorageError } from "@titan-sync/core";
import type { Statements } from "../database/connection.js";

/** Takes the next numbers of a series. @returns the first of them. */
export function takeNumbers(
  statements: Statements,
  series: "fence" | "sequence" | "place" | "job",
  count: number,
): number {
  const row = statements.get<{ last: number }>(
    "UPDATE series SET last = last + ?2 WHERE name = ?1 RETURNING last",
    series,
    count,
  );
  if (row === undefined) throw new StorageError("A series of numbers is missing.");
  return row.last - count + 1;
}
