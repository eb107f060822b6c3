import { ApiError } from "../errors.js";
import type { FeedCursor } from "../ports/feed-cursor.js";
import { type ExportEnvelope, parseExport, unusable } from "./envelopes.js";
import { checkpoint, type FeedPage } from "./feed-page.js";
import { fingerprintOf, isPage } from "./fingerprint.js";
import { judgeExport, leadsBack } from "./judge-export.js";
import { notAhead, safelyBefore } from "./lag.js";
import type { HeldAnswer } from "./page-source.js";
import { type FullPassOwner, pathOf, type ReadOptions } from "./read-options.js";
import { createTrail } from "./trail.js";

/**
 * A feed that announces more but returns nothing counts as broken after this many consecutive responses:
 * gaps may be long.
 */
const maxEmptyPages = 500;

export interface ExportReadOptions extends ReadOptions {
  /** Continue with the most recent changes after the end, without storing the position reached. */
  readonly recentChanges: boolean;
}

/**
 * Follows an export feed from where its cursor stands to its end. Pages come in the feed's order; each carries the
 * cursor to save once it has landed, so that a reader that is stopped anywhere continues there.
 *
 * @throws what the client throws; {@link ApiResponseError} when the feed cannot be followed.
 */
export async function* readExport(options: ExportReadOptions): AsyncGenerator<FeedPage, void, undefined> {
  const { cursor, fullPassOf } = options;
  const ownPass = cursor.fullPass?.runId === fullPassOf?.runId ? cursor.fullPass : null;
  const pass = ownPass?.drained === true ? null : (ownPass ?? fullPassOf);

  const start = pass === null ? startOf(cursor) : (ownPass?.token ?? null);
  const feed = follow(options, start);
  let began = cursor.pollBeganAt === null ? null : notAhead(cursor.pollBeganAt, options.clock.now());
  let current: FeedCursor = cursor;
  let mayFallBack = true;
  let fallback: ReturnType<typeof fallbackWarning> | null = null;
  for (let hasMore = true; hasMore; ) {
    const { answer, error } = await outcomeOf(feed.next(false));
    if (answer === null) {
      if (feed.isCircling) yield checkpoint(outOfCircle(current, pass, feed.since), "export");
      if (!mayFallBack || feed.position === null || !isRefusedToken(error)) throw error;
      mayFallBack = false;
      const position = pass === null ? fallbackPosition(cursor, options.clock.now()) : null;
      feed.goTo(position);
      // If the feed itself is missing, every other position fails as well.
      fallback = fallbackWarning(options, position);
      continue;
    }
    if (fallback !== null) options.warn(fallback);
    fallback = null;
    began ??= new Date(answer.serverTime).toISOString();
    hasMore = answer.envelope.hasMore;
    const { position, pageBefore } = feed;
    // A repeated page may have replaced the expected rows: only the position shows what was read.
    const drainedAt = feed.cameAgain ? (cursor.drainedAt ?? began) : began;
    const poll = {
      pollBeganAt: hasMore ? began : null,
      drainedAt: hasMore ? cursor.drainedAt : drainedAt,
      trail: hasMore ? feed.trail : undefined,
    };
    current =
      pass === null
        ? { ...cursor, ...poll, pageBefore, token: position, backfill: null }
        : {
            ...cursor,
            ...poll,
            pageBefore,
            token: hasMore ? cursor.token : position,
            backfill: hasMore ? cursor.backfill : null,
            fullPass: { ...ownerOf(pass), token: position, drained: false },
          };
    // What came again may have stood in the place of rows that were due.
    const isDrained = !hasMore && !feed.cameAgain;
    yield { ...pageOf(answer, current), drainedAt: isDrained ? began : undefined };
  }

  // Only what was read up to this moment is complete: entities that changed while the feed was read have left
  // their place in it, and do not reappear before the lag is over.
  const end = feed.position;
  if (options.recentChanges || pass !== null) {
    feed.beginAnew();
    for (let hasMore = true; hasMore; ) {
      const answer = await feed.next(true);
      hasMore = answer.envelope.hasMore;
      yield pageOf(answer, null);
    }
  }
  if (pass !== null) {
    yield checkpoint({ ...current, fullPass: { ...ownerOf(pass), token: end, drained: true } }, "export");
  }
}

interface Outcome {
  /** `null` when there is none. */
  readonly answer: HeldAnswer<ExportEnvelope> | null;
  readonly error: unknown;
}

async function outcomeOf(asked: Promise<HeldAnswer<ExportEnvelope>>): Promise<Outcome> {
  try {
    return { answer: await asked, error: null };
  } catch (error) {
    return { answer: null, error };
  }
}

/**
 * Back to where the poll started: inside a cycle, the next run would go around again before it could detect
 * it.
 */
function outOfCircle(cursor: FeedCursor, pass: FullPassOwner | null, since: string | null): FeedCursor {
  const begin = { ...cursor, pollBeganAt: null, pageBefore: null, trail: undefined };
  return pass === null
    ? { ...begin, token: since }
    : { ...begin, fullPass: { ...ownerOf(pass), token: since, drained: false } };
}

function ownerOf({ runId, beganAt }: FullPassOwner): FullPassOwner {
  return { runId, beganAt };
}

/** After a parallel first load, the export is read from a time before the load started. */
function startOf({ token, backfill }: FeedCursor): string | null {
  return token ?? backfill?.until ?? null;
}

function pageOf({ envelope, release }: HeldAnswer<ExportEnvelope>, cursor: FeedCursor | null): FeedPage {
  return { rows: envelope.rows, total: null, cursor, source: "export", release };
}

/** A feed with a place in it. */
interface Followed {
  /** Requests the next page, and moves past it. */
  next(recent: boolean): Promise<HeldAnswer<ExportEnvelope>>;
  goTo(position: string | null): void;
  /** Tokens seen up to here may occur again. */
  beginAnew(): void;
  readonly position: string | null;
  readonly pageBefore: FeedCursor["pageBefore"];
  readonly trail: FeedCursor["trail"];
  /** Where the poll began. */
  readonly since: string | null;
  /** Whether the last response was the previous page. */
  readonly cameAgain: boolean;
  /** Whether the last response could not be followed because it would cause a cycle. */
  readonly isCircling: boolean;
}

function follow({ pages, feed, tenantId, cursor, signal }: ReadOptions, start: string | null): Followed {
  const path = pathOf(feed, tenantId, "export");
  let position = start;
  let fingerprint = cursor.pageBefore?.token === start ? (cursor.pageBefore?.fingerprint ?? null) : null;
  let trail = createTrail(start, cursor.trail ?? null);
  let emptyPages = 0;
  let cameAgain = false;
  let isCircling = false;

  return {
    async next(recent) {
      const expected = {
        path,
        from: position,
        pageBefore: fingerprint,
        recent,
        wasEmpty: emptyPages > 0,
        closes: trail.closes,
      };
      const judge = judgeExport(expected);
      isCircling = false;
      const answer = await pages.get({
        path,
        query: {
          ...(position === null ? {} : { from: position }),
          ...(recent ? { includeRecentChanges: "true" } : {}),
        },
        parse: parseExport,
        judge(envelope) {
          isCircling = leadsBack(expected, envelope);
          judge(envelope);
        },
        signal,
      });
      const { hasMore, continueFrom, rows } = answer.envelope;
      emptyPages = hasMore && rows.length === 0 ? emptyPages + 1 : 0;
      if (emptyPages > maxEmptyPages)
        throw unusable(path, "the feed keeps claiming to have more but sends no rows");
      cameAgain = !recent && !hasMore && fingerprint !== null && isPage(rows, fingerprint);
      // Its token may be the one after the expected rows.
      if (!cameAgain) position = continueFrom ?? position;
      trail.step(position);
      fingerprint = fingerprintOf(rows) ?? fingerprint;
      return answer;
    },
    goTo(place) {
      position = place;
      fingerprint = null;
      trail = createTrail(place);
    },
    beginAnew() {
      trail = createTrail(position);
    },
    get position() {
      return position;
    },
    get pageBefore() {
      return position === null || fingerprint === null ? null : { token: position, fingerprint };
    },
    get trail() {
      return trail.stored();
    },
    get since() {
      return trail.since;
    },
    get cameAgain() {
      return cameAgain;
    },
    get isCircling() {
      return isCircling;
    },
  };
}

function isRefusedToken(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 400 || error.status === 404 || error.status === 410);
}

/** A date certainly before the first unread change; `null` is the beginning. */
function fallbackPosition({ drainedAt }: FeedCursor, now: number): string | null {
  return drainedAt === null ? null : safelyBefore(notAhead(drainedAt, now));
}

function fallbackWarning({ feed }: ReadOptions, position: string | null) {
  return {
    code: "TOKEN_REFUSED",
    message: `The stored position of ${feed.name} was refused; reading it again from ${position ?? "its beginning"}.`,
  };
}
