import type { EntityId } from "../feeds/entity-id.js";
import type { PageRow } from "../json/page-row.js";
import { type ListEnvelope, unusable } from "./envelopes.js";
import { idOf, isPage } from "./fingerprint.js";

/** Where the rows of a page lie. */
export interface Span {
  readonly count: number;
  /** `null` for a page without a row that has an id. */
  readonly lowest: EntityId | null;
  readonly highest: EntityId | null;
}

export interface ListExpectation {
  readonly path: string;
  /** From 1. */
  readonly page: number;
  readonly isSorted: boolean;
  /** Whether the rows cannot be checked without their total. */
  readonly needsTotal: boolean;
  /** The previous page, if it is known; `total` is from its response. */
  readonly before: {
    readonly span: Span;
    readonly fingerprint: string | null;
    readonly total: number | null;
  } | null;
}

/**
 * What the response to a request for a page must not be: another page, the previous page instead, or empty
 * although there are more. Then it is requested again. Rows may come twice where the list changed meanwhile,
 * which its total shows.
 */
export function judgeList(expected: ListExpectation): (answer: ListEnvelope) => void {
  const { path, page, isSorted, needsTotal, before } = expected;
  return (answer) => {
    if (needsTotal && answer.totalCount === null) throw unusable(path, "the list does not report its total");
    if (answer.page !== null && answer.page !== page) {
      throw unusable(path, `the API sent page ${answer.page} instead of page ${page}`);
    }
    if (answer.hasMore && answer.rows.length === 0)
      throw unusable(path, "the list claims to have more but sends no rows");
    if (before === null || answer.totalCount !== before.total) return;
    const comesAgain = isSorted
      ? overlap(before.span, spanOf(answer.rows))
      : before.fingerprint !== null && isPage(answer.rows, before.fingerprint);
    if (comesAgain) throw unusable(path, "rows of the previous page came again");
  };
}

export function spanOf(rows: readonly PageRow[]): Span {
  let lowest: EntityId | null = null;
  let highest: EntityId | null = null;
  for (const { value } of rows) {
    const id = idOf(value);
    if (id === null) continue;
    if (lowest === null || id < lowest) lowest = id;
    if (highest === null || id > highest) highest = id;
  }
  return { count: rows.length, lowest, highest };
}

/** Whether two pages of a sorted list cannot both be right. */
export function overlap(earlier: Span, later: Span): boolean {
  return earlier.highest !== null && later.lowest !== null && later.lowest <= earlier.highest;
}
