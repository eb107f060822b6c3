import { type ExportEnvelope, unusable } from "./envelopes.js";
import { isPage } from "./fingerprint.js";
import { createRepeatedReading } from "./repeated-reading.js";

export interface ExportExpectation {
  readonly path: string;
  /** The token that was sent; `null` at the beginning. */
  readonly from: string | null;
  /** Of the page that led to `from`; `null` when it is not known. */
  readonly pageBefore: string | null;
  /** Whether recent changes were requested: their rows may repeat. */
  readonly recent: boolean;
  /** Whether the previous page was empty, too: then another empty one is not suspicious. */
  readonly wasEmpty: boolean;
  /** Whether this token was seen before. */
  readonly closes: (token: string | null) => boolean;
}

/**
 * What the answer to one question must not be. Followed, it would never end or lose the rows that were due:
 *
 * - the previous page instead of the expected one, with more to come;
 * - more to come, under the token that was sent or one that was passed before.
 *
 * A response that is only strange is requested again a few times and then accepted: the previous page at
 * the end, under whatever
 * token; other rows at the end under the token that was sent; and no rows although there are more.
 */
export function judgeExport(expected: ExportExpectation): (answer: ExportEnvelope) => void {
  const { path, from, recent } = expected;
  const doubt = createRepeatedReading();
  return ({ hasMore, continueFrom, rows }) => {
    const stands = from !== null && (continueFrom ?? from) === from;
    const canEndHere = stands && !hasMore;
    if (expected.pageBefore !== null && isPage(rows, expected.pageBefore)) {
      const isPossible = recent || !hasMore;
      if (!isPossible || doubt.again()) throw unusable(path, "the previous page came again");
      return;
    }
    if (hasMore && (stands || continueFrom === null)) {
      throw unusable(path, "the feed claims to have more but its token does not advance");
    }
    if (leadsBack(expected, { hasMore, continueFrom })) {
      throw unusable(path, "the feed's tokens form a loop");
    }
    if (canEndHere && rows.length > 0 && continueFrom !== null && doubt.again()) {
      throw unusable(path, "the page has rows but the token does not advance");
    }
    if (hasMore && rows.length === 0 && !expected.wasEmpty && doubt.again()) {
      throw unusable(path, "the feed claims to have more but sends no rows");
    }
  };
}

/** Whether following the response would cause a cycle. */
export function leadsBack(
  { closes }: Pick<ExportExpectation, "closes">,
  { hasMore, continueFrom }: Pick<ExportEnvelope, "hasMore" | "continueFrom">,
): boolean {
  return hasMore && closes(continueFrom);
}
