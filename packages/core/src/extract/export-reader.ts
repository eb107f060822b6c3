import { ApiError } from "../errors.js";
import { sleep } from "../http/aborted.js";
import type { FeedCursor } from "../ports/sync-store.js";
import { type ExportEnvelope, parseExport, unusable } from "./envelopes.js";
import type { FeedPage } from "./feed-page.js";
import { pathOf, type ReadOptions } from "./read-options.js";

/** Changes appear in an export about this much later. */
const exportLagMs = 15 * 60 * 1000;
/** Beyond the lag, for clocks that differ and a lag that is only about right. */
const marginMs = 45 * 60 * 1000;
/** How often a token that does not advance is asked again, and after what. */
const standstillDelaysMs = [1000, 2000, 4000] as const;
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
  const isOwnPass = fullPassOf !== null && cursor.fullPass?.runId === fullPassOf;
  const pass = fullPassOf === null || (isOwnPass && cursor.fullPass?.drained === true) ? null : fullPassOf;
  const feed = follow(options);

  let position = pass === null ? cursor.token : isOwnPass ? (cursor.fullPass?.token ?? null) : null;
  let began = cursor.pollBeganAt;
  let current: FeedCursor = cursor;
  let mayFallBack = position !== null;
  for (let hasMore = true; hasMore; ) {
    const answer = await feed.next(position, false).catch((error: unknown) => {
      if (!mayFallBack || !isRefusedToken(error)) throw error;
      return null;
    });
    if (answer === null) {
      mayFallBack = false;
      position = pass === null ? fallbackPosition(cursor) : null;
      options.warn(fallbackWarning(options, position));
      continue;
    }
    began ??= new Date(answer.serverTime).toISOString();
    hasMore = answer.hasMore;
    position = answer.continueFrom ?? position;
    const poll = { pollBeganAt: hasMore ? began : null, drainedAt: hasMore ? cursor.drainedAt : began };
    current =
      pass === null
        ? { ...cursor, ...poll, token: position }
        : {
            ...cursor,
            ...poll,
            token: hasMore ? cursor.token : position,
            fullPass: { runId: pass, token: position, drained: false },
          };
    yield { rows: answer.data, total: null, cursor: current, source: "export" };
  }

  // Only what is read up to this moment is complete: entities that changed while the feed was read have left
  // their place in it, and do not reappear before the lag is over.
  if (options.recentChanges || pass !== null) yield* recentChanges(feed, position);
  if (pass !== null) {
    const done = { ...current, fullPass: { runId: pass, token: position, drained: true } };
    yield { rows: [], total: null, cursor: done, source: "export" };
  }
}

async function* recentChanges(
  feed: Followed,
  start: string | null,
): AsyncGenerator<FeedPage, void, undefined> {
  let position = start;
  for (let hasMore = true; hasMore; ) {
    const answer = await feed.next(position, true);
    hasMore = answer.hasMore;
    position = answer.continueFrom ?? position;
    yield { rows: answer.data, total: null, cursor: null, source: "export" };
  }
}

type ExportAnswer = ExportEnvelope & { readonly serverTime: number };

interface Followed {
  /** The answer after `from`; advances, or is the last. */
  next(from: string | null, recent: boolean): Promise<ExportAnswer>;
}

function follow({ client, feed, tenantId, clock, signal }: ReadOptions): Followed {
  const path = pathOf(feed, tenantId, "export");
  let emptyPages = 0;

  async function ask(from: string | null, recent: boolean): Promise<ExportAnswer> {
    const query = {
      ...(from === null ? {} : { from }),
      ...(recent ? { includeRecentChanges: "true" } : {}),
    };
    const { body, serverTime } = await client.get(path, query, { signal });
    return { ...parseExport(body, path), serverTime: serverTime ?? clock.now() };
  }

  return {
    async next(from, recent) {
      for (const delay of [...standstillDelaysMs, null]) {
        const answer = await ask(from, recent);
        const stands = answer.hasMore && (answer.continueFrom ?? from) === from;
        if (!stands) {
          emptyPages = answer.hasMore && answer.data.length === 0 ? emptyPages + 1 : 0;
          if (emptyPages > mostEmptyPages) throw unusable(path, "the feed keeps claiming more without rows");
          return answer;
        }
        if (delay !== null) await sleep(clock, delay, signal);
      }
      throw unusable(path, "the feed claims more but its token does not advance");
    },
  };
}

function isRefusedToken(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 400 || error.status === 404 || error.status === 410);
}

/** A date that is surely before the first change not yet read; `null` is the beginning. */
function fallbackPosition(cursor: FeedCursor): string | null {
  if (cursor.drainedAt === null) return null;
  return new Date(Date.parse(cursor.drainedAt) - exportLagMs - marginMs).toISOString();
}

function fallbackWarning({ feed }: ReadOptions, position: string | null) {
  return {
    code: "TOKEN_REFUSED",
    message: `The stored position of ${feed.name} was refused; it is read again from ${position ?? "its beginning"}.`,
  };
}
