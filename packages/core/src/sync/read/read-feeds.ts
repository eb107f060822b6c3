import { inParallel } from "../../async/in-parallel.js";
import {
  AbortedError,
  ApiError,
  AuthError,
  DataError,
  InsufficientScopeError,
  NetworkError,
  TimeoutError,
  TitanSyncError,
} from "../../errors.js";
import { exportLagMs } from "../../extract/lag.js";
import { defaultReadingSizes } from "../../extract/reading-sizes.js";
import type { FeedName } from "../../feeds/feed.js";
import { createDriftCheck } from "../../quality/drift-check.js";
import { feedOf, touchesOf } from "../../records/definitions/catalog.js";
import type { RecordPlan } from "../../records/definitions/record-plan.js";
import { usedFieldsOf } from "../../records/used-fields.js";
import { enqueuedBy } from "../derive/enqueue-records.js";
import type { RunContext } from "../run/run-context.js";
import { landFeed, type ReadingTools } from "./land-feed.js";
import { sweepFeed } from "./sweep-feed.js";

/** The outcome for the feeds of a run. */
export interface FeedOutcome {
  /**
   * Up to when each feed is read: every change that ServiceTitan made to it before this time, by its clock, has landed.
   * Epoch milliseconds; absent for a feed of which that is not certain.
   */
  readonly readUpTo: ReadonlyMap<FeedName, number>;
  /** The degraded feeds that ServiceTitan refuses: the app has no scope for them, or the tenant no such module. */
  readonly refused: ReadonlySet<FeedName>;
  /** Related feeds that could not be read; columns keep the values that landed before. */
  readonly degraded: ReadonlySet<FeedName>;
  /** Driver feeds that could not be read, with the reason. */
  readonly failed: ReadonlyMap<FeedName, TitanSyncError>;
}

type Reading =
  | { readonly outcome: "drained"; readonly drainedAt: string | null }
  | { readonly outcome: "failed"; readonly error: TitanSyncError };

/**
 * Reads every feed that the plans need, in parallel, and lands what they hold. Related feeds are polled once more if a
 * driver landed something in this slice: what the new entities refer to may be newer than the first poll.
 *
 * @throws what concerns the whole run: a refused credential, a lost lease, a failed storage, an abort.
 */
export async function readFeeds(context: RunContext, plans: readonly RecordPlan[]): Promise<FeedOutcome> {
  const drivers = new Set(plans.map((plan) => plan.driver));
  const { feedsOff } = context.company;
  const related = new Set(plans.flatMap((plan) => plan.related).filter((feed) => !feedsOff.includes(feed)));
  const { range } = context.request;
  const rangeReadings = range === null ? [] : [...drivers].map((feed) => ({ feed, range, isAgain: false }));
  const followed = range === null ? new Set([...drivers, ...related]) : related;

  const tools: ReadingTools = {
    budget: context.budget,
    drift: createDriftCheck(),
    sizes: defaultReadingSizes,
    suppressed: await context.suppressed(),
    parallelBackfill: context.parallelBackfill,
  };
  const degraded = new Set<FeedName>();
  const refused = new Set<FeedName>();
  const failed = new Map<FeedName, TitanSyncError>();
  const readUpTo = new Map<FeedName, number>();
  // Recent changes are in no export unless they are asked for.
  const hiddenMs = context.request.fresh ? 0 : exportLagMs;
  const note = (feed: FeedName, isDriver: boolean, reading: Reading): void => {
    if (reading.outcome === "drained") {
      if (reading.drainedAt !== null) readUpTo.set(feed, Date.parse(reading.drainedAt) - hiddenMs);
    } else if (isDriver) failed.set(feed, reading.error);
    else {
      degraded.add(feed);
      if (reading.error instanceof InsufficientScopeError) refused.add(feed);
    }
  };

  const landedByDrivers = (): number =>
    [...drivers].reduce((sum, feed) => sum + context.figures.feed(feed).landed, 0);
  // Rows that earlier slices landed were there before this one polls.
  const landedBefore = landedByDrivers();
  const plain = [...followed].map((feed) => ({ feed, range: null, isAgain: false }));
  await inParallel([...plain, ...rangeReadings], async (reading) => {
    const isDriver = drivers.has(reading.feed) && (range === null || reading.range !== null);
    note(reading.feed, isDriver, await readFeed(context, reading, isDriver, tools));
  });

  if (landedByDrivers() > landedBefore) {
    const again = [...followed].filter(
      (feed) => related.has(feed) && !degraded.has(feed) && !failed.has(feed),
    );
    await inParallel(again, async (feed) => {
      const isDriver = range === null && drivers.has(feed);
      const reading = { feed, range: null, isAgain: true };
      note(feed, isDriver, await readFeed(context, reading, isDriver, tools));
    });
  }
  return { degraded, refused, failed, readUpTo };
}

async function readFeed(
  context: RunContext,
  { feed, range, isAgain }: { feed: FeedName; range: RunContext["request"]["range"]; isAgain: boolean },
  isDriver: boolean,
  tools: ReadingTools,
): Promise<Reading> {
  const { catalog } = context;
  if (!isAgain) context.emit({ event: "feed:start", feed });
  const cursors = await context.storage.findCursors(context.scope);
  const enqueued = await enqueuedBy(context);
  const touches = touchesOf(
    catalog,
    feed,
    (driver, record) => (cursors.get(driver)?.enqueuedWith ?? null) !== null || enqueued.has(record),
  );
  const used = usedFieldsOf(catalog, feed, context.company.columns, context.company.acceptAbsent);
  const reading = {
    feed: feedOf(catalog, feed),
    cursor: cursors.get(feed) ?? null,
    touches,
    range,
    isAgain,
    used,
  };
  let outcome: Reading;
  try {
    const drainedAt = await landFeed(context, reading, tools);
    if (context.request.mode === "full" && !isAgain) await sweepFeed(context, feed, touches);
    outcome = { outcome: "drained", drainedAt };
  } catch (error) {
    if (!concernsOneFeed(error)) throw error;
    outcome = { outcome: "failed", error };
    if (!isDriver) context.warn(degradedWarning(catalog.related, feed, error));
    context.logger.warn({ runId: context.lease.runId, feed, code: error.code }, "a feed could not be read");
  }
  if (!isAgain || outcome.outcome !== "drained") {
    const figures = context.figures.feed(feed);
    const how = outcome.outcome === "failed" && !isDriver ? "degraded" : outcome.outcome;
    context.emit({ event: "feed:end", feed, outcome: how, figures });
  }
  return outcome;
}

/** Whether other feeds of the same tenant may still be readable. */
function concernsOneFeed(error: unknown): error is TitanSyncError {
  if (!TitanSyncError.is(error) || error instanceof AbortedError) return false;
  if (error instanceof AuthError) return error instanceof InsufficientScopeError;
  return (
    error instanceof ApiError ||
    error instanceof NetworkError ||
    error instanceof TimeoutError ||
    error instanceof DataError ||
    error.code === "CIRCUIT_OPEN"
  );
}

function degradedWarning(related: readonly FeedName[], feed: FeedName, error: TitanSyncError) {
  const hint = [error.hint, related.includes(feed) && isForGood(error) ? leaveOut(feed) : null].filter(
    (text) => text !== null,
  );
  return {
    code: "FEED_DEGRADED",
    message: [
      sentence(`${feed} could not be read; its fields keep their previous values: ${error.message}`),
      ...hint,
    ].join(" "),
    count: null,
  };
}

/** The API's messages often end without a period. */
function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** Whether a tenant may never have the feed because it lacks the module, or the app lacks the scope. */
function isForGood(error: TitanSyncError): boolean {
  return error instanceof InsufficientScopeError || (error instanceof ApiError && error.status === 404);
}

function leaveOut(feed: FeedName): string {
  return `If the company does not need this feed, turn it off in the company's options: feeds: ${JSON.stringify({ [feed]: "off" })}.`;
}
