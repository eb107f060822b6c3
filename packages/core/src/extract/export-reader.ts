import { ApiError } from "../errors.js";
import type { FeedCursor } from "../ports/sync-store.js";
import { type ExportEnvelope, parseExport, unusable } from "./envelopes.js";
import { checkpoint, type FeedPage } from "./feed-page.js";
import { fingerprintOf } from "./fingerprint.js";
import { judgeExport } from "./judge-export.js";
import { safelyBefore } from "./lag.js";
import type { HeldAnswer } from "./page-source.js";
import { type FullPassOwner, pathOf, type ReadOptions } from "./read-options.js";

/** A feed that has more but gives nothing is taken for broken after this many answers in a row. */
const mostEmptyPages = 20;

export interface ExportReadOptions extends ReadOptions {
  /** Read on with the most recent changes after the end, without keeping where that led. */
  readonly recentChanges: boolean;
}

/**
 * Follows an export feed from where its cursor stands to its end. Pages come in the feed's order; each
 * carries the cursor to save once it has landed, so that a reader that is stopped anywhere goes on there.
 *
 * @throws what the client throws; {@link ApiResponseError} when the feed cannot be followed.
 */
export async function* readExport(options: ExportReadOptions): AsyncGenerator<FeedPage, void, undefined> {
  const { cursor, fullPassOf } = options;
  const ownPass = cursor.fullPass?.runId === fullPassOf?.runId ? cursor.fullPass : null;
  const pass = ownPass?.drained === true ? null : (ownPass ?? fullPassOf);

  const start = pass === null ? startOf(cursor) : (ownPass?.token ?? null);
  const feed = follow(options, start);
  let began = cursor.pollBeganAt;
  let current: FeedCursor = cursor;
  let mayFallBack = true;
  for (let hasMore = true; hasMore; ) {
    const answer = await feed.next(false).catch((error: unknown) => {
      if (!mayFallBack || feed.position === null || !isRefusedToken(error)) throw error;
      return null;
    });
    if (answer === null) {
      mayFallBack = false;
      const position = pass === null ? fallbackPosition(cursor) : null;
      feed.goTo(position);
      options.warn(fallbackWarning(options, position));
      continue;
    }
    began ??= new Date(answer.serverTime).toISOString();
    hasMore = answer.envelope.hasMore;
    const { position, pageBefore } = feed;
    const poll = { pollBeganAt: hasMore ? began : null, drainedAt: hasMore ? cursor.drainedAt : began };
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
    yield pageOf(answer, current);
  }

  // Only what is read up to this moment is complete: entities that changed while the feed was read have left
  // their place in it, and do not reappear before the lag is over.
  const end = feed.position;
  if (options.recentChanges || pass !== null) {
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

function ownerOf({ runId, beganAt }: FullPassOwner): FullPassOwner {
  return { runId, beganAt };
}

/** A parallel first load is followed from before it began. */
function startOf({ token, backfill }: FeedCursor): string | null {
  return token ?? backfill?.until ?? null;
}

function pageOf({ envelope, release }: HeldAnswer<ExportEnvelope>, cursor: FeedCursor | null): FeedPage {
  return { rows: envelope.rows, total: null, cursor, source: "export", release };
}

/** A feed with a place in it. */
interface Followed {
  /** Asks for what comes next, and moves behind it. */
  next(recent: boolean): Promise<HeldAnswer<ExportEnvelope>>;
  goTo(position: string | null): void;
  readonly position: string | null;
  readonly pageBefore: FeedCursor["pageBefore"];
}

function follow({ pages, feed, tenantId, cursor, signal }: ReadOptions, start: string | null): Followed {
  const path = pathOf(feed, tenantId, "export");
  let position = start;
  let fingerprint = cursor.pageBefore?.token === start ? (cursor.pageBefore?.fingerprint ?? null) : null;
  let emptyPages = 0;

  return {
    async next(recent) {
      const answer = await pages.get({
        path,
        query: {
          ...(position === null ? {} : { from: position }),
          ...(recent ? { includeRecentChanges: "true" } : {}),
        },
        parse: parseExport,
        judge: judgeExport({ path, from: position, pageBefore: fingerprint, recent }),
        signal,
      });
      const { hasMore, continueFrom, data } = answer.envelope;
      emptyPages = hasMore && data.length === 0 ? emptyPages + 1 : 0;
      if (emptyPages > mostEmptyPages) throw unusable(path, "the feed keeps claiming more without rows");
      position = continueFrom ?? position;
      fingerprint = fingerprintOf(data) ?? fingerprint;
      return answer;
    },
    goTo(place) {
      position = place;
      fingerprint = null;
    },
    get position() {
      return position;
    },
    get pageBefore() {
      return position === null || fingerprint === null ? null : { token: position, fingerprint };
    },
  };
}

function isRefusedToken(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 400 || error.status === 404 || error.status === 410);
}

/** A date that is surely before the first change not yet read; `null` is the beginning. */
function fallbackPosition({ drainedAt }: FeedCursor): string | null {
  return drainedAt === null ? null : safelyBefore(drainedAt);
}

function fallbackWarning({ feed }: ReadOptions, position: string | null) {
  return {
    code: "TOKEN_REFUSED",
    message: `The stored position of ${feed.name} was refused; it is read again from ${position ?? "its beginning"}.`,
  };
}
