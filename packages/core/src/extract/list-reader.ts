import { compareIds } from "../feeds/entity-id.js";
import { type ListEnvelope, parseList, unusable } from "./envelopes.js";
import { checkpoint, type FeedPage } from "./feed-page.js";
import { fingerprintOf } from "./fingerprint.js";
import { judgeList, type ListExpectation, type Span, spanOf } from "./judge-list.js";
import { firstPlace, type ListPlace } from "./list-place.js";
import { listQuery } from "./list-query.js";
import type { HeldAnswer } from "./page-source.js";
import { pathOf, type ReadOptions } from "./read-options.js";

/** A list that changes each time it is read fails after this many readings; so does a page of it. */
const maxReadings = 5;

export interface ListReadOptions extends ReadOptions {
  /** Filters besides those of the feed. */
  readonly query?: Readonly<Record<string, string>>;
  /** Whether reaching the end of the list counts as reading the whole feed, and is stored in its cursor. */
  readonly isWhole: boolean;
  readonly pageSize: number;
  /** Where an earlier reading stopped; `null` begins at the first page. */
  readonly place?: ListPlace | null;
}

type Answer = HeldAnswer<ListEnvelope>;

/** The position of a reading, with what only the reading itself needs to know about the last page. */
interface Standing {
  readonly place: ListPlace;
  readonly hasMore: boolean;
  readonly before: ListExpectation["before"];
}

/**
 * Reads a list from its first page to its last, or on from where an earlier reading stopped. Every row that is in it
 * from beginning to end is given, some more than once.
 *
 * Rows that are added or vanish meanwhile shift the pages, which the total shows. In a list that is sorted by id, the
 * page before is looked at again then: as long as pages overlap, or their edge is where it was, nothing is missing
 * between them, so that rows which are added at the end disturb nobody. A list without an order is read again. Only
 * rows that come and rows that go in one and the same moment hide from the total.
 *
 * @throws what the client throws; {@link ApiResponseError} when the list cannot be followed.
 */
export async function* readList(options: ListReadOptions): AsyncGenerator<FeedPage, void, undefined> {
  const { feed, tenantId } = options;
  const path = pathOf(feed, tenantId, "list");
  let place = options.place ?? firstPlace;
  while (!place.done) {
    if (place.reading > maxReadings) {
      throw unusable(path, `the list changed during each of ${maxReadings} attempts to read it`);
    }
    const end = yield* readOnce(path, options, place);
    if (end.done) return;
    const verdict = judgeReading(end, options);
    if (verdict === "again") {
      const { total, given, hasMoved } = end;
      const reread = hasMoved || total === null ? null : { given, total };
      place = { ...firstPlace, reading: end.reading + 1, reread };
      continue;
    }
    place = { ...end, done: true };
    if (verdict === "believed") options.warn(totalIsWrong(options, end));
    yield { ...checkpoint(null, "list"), ...endOf(options, place), place };
  }
}

/**
 * @returns the position at the end of the list, or where it became clear that the list must be read again.
 */
async function* readOnce(
  path: string,
  options: ListReadOptions,
  start: ListPlace,
): AsyncGenerator<FeedPage, ListPlace, undefined> {
  const isSorted = options.feed.listSort !== null;
  // For an unordered list, nothing shows whether its pages are still the same.
  const isNew = start.page === 0 || !isSorted;
  let standing: Standing = {
    place: isNew ? { ...firstPlace, reading: start.reading, reread: start.reread } : start,
    hasMore: true,
    before: null,
  };
  if (!isNew) standing = yield* rejoin(path, options, standing);
  let attempts = 0;
  while (standing.hasMore) {
    const { place, before } = standing;
    const answer = await ask(path, options, place.page + 1, before);
    const next = goOn(standing, answer);
    if (next !== null) {
      standing = next;
      attempts = 0;
      if (!next.hasMore && judgeReading(next.place, options) === "whole") {
        const end = { ...next.place, done: true };
        yield { ...pageOf(answer, end, end), ...endOf(options, end) };
        return end;
      }
      yield pageOf(answer, next.place, next.hasMore ? next.place : null);
      continue;
    }
    const read = readingOf(answer);
    // They may not follow the previous page, but they are rows.
    yield pageOf(answer, place, null);
    if (!isSorted) return { ...place, hasMoved: true };
    const joined = yield* rejoin(path, options, standing);
    standing = accept(standing, joined, read);
    attempts = standing.place.page > place.page ? 0 : attempts + 1;
    if (attempts >= maxReadings) {
      throw unusable(path, `the list changed during each of ${maxReadings} attempts to read a page`);
    }
    if (standing.place.page > place.page) yield { ...checkpoint(null, "list"), place: standing.place };
  }
  return standing.place;
}

/** What is to be known of a page after its rows have been released. */
interface PageReading {
  readonly span: Span;
  readonly fingerprint: string | null;
  readonly total: number | null;
  readonly hasMore: boolean;
}

function readingOf({ envelope: { rows, totalCount, hasMore } }: Answer): PageReading {
  return { span: spanOf(rows), fingerprint: fingerprintOf(rows), total: totalCount, hasMore };
}

/** The position after a page that certainly follows the previous one; `null` if that is uncertain. */
function goOn({ place, before }: Standing, answer: Answer): Standing | null {
  const { span, fingerprint, total, hasMore } = readingOf(answer);
  const isFirst = place.page === 0;
  const isSteady = isFirst || (before !== null && total === before.total);
  if (!isSteady && !reaches(span, place.lastId)) return null;
  return {
    place: {
      ...place,
      page: place.page + 1,
      lastId: highestOf(place.lastId, span),
      total,
      given: place.given + span.count,
      hasMoved: place.hasMoved || !isSteady,
      beganAt: place.beganAt ?? new Date(answer.serverTime).toISOString(),
    },
    hasMore,
    before: { span, fingerprint, total },
  };
}

/** Goes back to the page that contains the last id, or the nearest one below it. */
async function* rejoin(
  path: string,
  options: ListReadOptions,
  { place }: Standing,
): AsyncGenerator<FeedPage, Standing, undefined> {
  for (let page = place.page; ; page -= 1) {
    const answer = await ask(path, options, page, null);
    const { span, fingerprint, total, hasMore } = readingOf(answer);
    if (page > 1 && !reaches(span, place.lastId)) {
      answer.release();
      continue;
    }
    const lastId = highestOf(place.lastId, span);
    const hasMoved = place.hasMoved || total !== place.total;
    const joined = { ...place, page, lastId, total, hasMoved };
    if (lastId === place.lastId) answer.release();
    else yield pageOf(answer, joined, null);
    return { place: joined, hasMore, before: { span, fingerprint, total } };
  }
}

/** The verdict on a page that may not follow, now that the previous one was read again. */
function accept(
  { place }: Standing,
  joined: Standing,
  { span, fingerprint, hasMore }: PageReading,
): Standing {
  const edge = joined.before?.span.highest ?? null;
  const isEdgeUnmoved =
    joined.place.page === place.page && edge !== null && String(edge) === place.lastId && joined.hasMore;
  if (span.count === 0 || !(isEdgeUnmoved || reaches(span, joined.place.lastId))) {
    return { ...joined, place: { ...joined.place, hasMoved: true } };
  }
  return {
    place: {
      ...joined.place,
      page: place.page + 1,
      lastId: highestOf(joined.place.lastId, span),
      given: place.given + span.count,
      hasMoved: true,
    },
    hasMore,
    before: { span, fingerprint, total: joined.place.total },
  };
}

/** Whether nothing can be missing between an id and a page of a list that is sorted by id. */
function reaches({ lowest }: Span, lastId: string | null): boolean {
  return lastId !== null && lowest !== null && compareIds(String(lowest), lastId) <= 0;
}

function highestOf(lastId: string | null, { highest }: Span): string | null {
  if (highest === null) return lastId;
  return lastId === null || compareIds(lastId, String(highest)) < 0 ? String(highest) : lastId;
}

/**
 * The verdict on a reading at its end. A total that counts rows which are never returned is considered
 * wrong if two readings of the list gave the same result, and from then on as long as it is wrong by the
 * same number.
 */
function judgeReading(
  { total, given, hasMoved, reread }: ListPlace,
  { feed, cursor, isWhole }: ListReadOptions,
): "whole" | "believed" | "again" {
  if (hasMoved) return feed.listSort === null ? "again" : "whole";
  if (total === null || total === given) return "whole";
  if (isWhole && total - given === cursor.rowsNotGiven) return "whole";
  return reread?.given === given && reread.total === total ? "believed" : "again";
}

async function ask(
  path: string,
  { feed, pages, signal, pageSize, query }: ListReadOptions,
  page: number,
  before: ListExpectation["before"],
): Promise<Answer> {
  return await pages.get({
    path,
    query: listQuery(feed, { number: page, size: pageSize }, query),
    parse: parseList,
    judge: judgeList({ path, page, isSorted: feed.listSort !== null, needsTotal: false, before }),
    signal,
  });
}

function pageOf({ envelope, release }: Answer, { total }: ListPlace, place: ListPlace | null): FeedPage {
  return { rows: envelope.rows, total, cursor: null, source: "list", place, release };
}

/** What the end of a list says: nothing when it is no reading of the whole feed. */
function endOf(
  { cursor, fullPassOf, isWhole }: ListReadOptions,
  place: ListPlace,
): Pick<FeedPage, "cursor" | "drainedAt"> {
  if (!isWhole) return { cursor: null };
  const fullPass = fullPassOf === null ? cursor.fullPass : { ...fullPassOf, token: null, drained: true };
  const rowsNotGiven = place.hasMoved ? cursor.rowsNotGiven : notGiven(place);
  return {
    cursor: { ...cursor, pollBeganAt: null, drainedAt: place.beganAt, fullPass, rowsNotGiven },
    drainedAt: place.beganAt ?? undefined,
  };
}

function notGiven({ total, given }: ListPlace): number | undefined {
  return total === null || total === given ? undefined : total - given;
}

function totalIsWrong({ feed }: ListReadOptions, { total, given }: ListPlace) {
  return {
    code: "TOTAL_NOT_GIVEN",
    message: `The list of ${feed.name} reports ${total} rows but returned ${given}, twice; it counts as completely read.`,
  };
}
