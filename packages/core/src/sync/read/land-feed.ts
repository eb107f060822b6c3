import { throwIfAborted } from "../../async/aborted.js";
import type { ByteBudget } from "../../async/byte-budget.js";
import { readAhead } from "../../async/read-ahead.js";
import { type FeedPage, unreadCursor } from "../../extract/feed-page.js";
import { type FollowOptions, followFeed } from "../../extract/follow-feed.js";
import { safelyBefore } from "../../extract/lag.js";
import { type ListPlace, listPlaceSchema } from "../../extract/list-place.js";
import { type ListReadOptions, readList } from "../../extract/list-reader.js";
import { createPageSource, type PageSource } from "../../extract/page-source.js";
import { rangeQuery } from "../../extract/range-query.js";
import type { FullPassOwner } from "../../extract/read-options.js";
import type { ReadingSizes } from "../../extract/reading-sizes.js";
import { compareIds } from "../../feeds/entity-id.js";
import type { Feed } from "../../feeds/feed.js";
import type { FeedCursor } from "../../ports/feed-cursor.js";
import type { LandResult, NewEntity } from "../../ports/landing-store.js";
import type { NewRejection } from "../../ports/rejection-store.js";
import type { FeedFigures, SyncRange } from "../../ports/sync-run.js";
import type { Touch } from "../../ports/work-queue.js";
import type { DriftCheck, SchemaDrift } from "../../quality/drift-check.js";
import { surveyFields } from "../../quality/field-survey.js";
import { isUnreadable, type SoundRow, toEntity } from "../../quality/structure-check.js";
import { type ShownFields, shownFieldsOf } from "../../records/shown-fields.js";
import type { UsedField } from "../../records/used-fields.js";
import type { SuppressedRows } from "../../suppressions/suppressed-rows.js";
import type { RunContext } from "../run/run-context.js";
import { keepPlace, placeOf } from "../run/run-places.js";
import { holdFirstRows, isUnread, type Land } from "./hold-first-rows.js";
import { createPageJudge } from "./judge-page.js";
import { dropSuppressed } from "./suppressed-in-page.js";

/** How one feed is read in a run. */
export interface FeedReading {
  readonly feed: Feed;
  readonly cursor: FeedCursor | null;
  readonly touches: readonly Touch[];
  /** Only these entities, from the list; `null` follows the cursor. */
  readonly range: SyncRange | null;
  /** Whether the reading follows a complete one in the same run. */
  readonly isAgain: boolean;
  /** The fields that records use: rows that have lost them must not empty columns. */
  readonly used: readonly UsedField[];
}

/** What landing needs of a run. */
export type LandingContext = Pick<
  RunContext,
  | "catalog"
  | "client"
  | "clock"
  | "signal"
  | "lease"
  | "ownedSince"
  | "scope"
  | "request"
  | "figures"
  | "emit"
  | "warn"
  | "movedOn"
> & {
  readonly storage: Pick<
    RunContext["storage"],
    "landRows" | "findEntities" | "findRunPlaces" | "saveRunPlace"
  >;
  readonly company: Pick<RunContext["company"], "columns">;
};

/** What the readings of one run share. */
export interface ReadingTools {
  readonly budget: ByteBudget;
  readonly drift: DriftCheck;
  readonly sizes: ReadingSizes;
  /** Whose rows are suppressed. */
  readonly suppressed: SuppressedRows;
  /** Whether a first load may read many pages of its list in parallel. */
  readonly parallelBackfill: boolean;
}

/** Rows in one transaction: enough to be fast, few enough to commit often. */
const maxRowsInPart = 2000;
const maxBytesInPart = 8 * 1024 * 1024;

/**
 * Reads a feed and lands its pages as they come, while the next one is fetched. Each is judged before anything of it
 * lands.
 *
 * @returns the server time at which the reading began, ISO 8601: all that the API showed then has landed. `null` if that
 * is not certain.
 * @throws {@link DriftError} when a page may not land: later pages are not read, and the cursor does not change.
 */
export async function landFeed(
  context: LandingContext,
  reading: FeedReading,
  tools: ReadingTools,
): Promise<string | null> {
  const { feed, cursor, used } = reading;
  const place = reading.range === null ? null : await placeOf(context, workOf(feed), listPlaceSchema);
  const source = createPageSource({ ...context, budget: tools.budget });
  const mayHaveLanded = reading.range !== null || cursor?.drainedAt != null;
  const judge = createPageJudge({
    ...context,
    feed,
    mayHaveLanded,
    mayGoBack: isFullPass(context, reading),
  });
  const first = holdFirstRows(feed, isUnread(cursor), createLander(context, reading, tools.suppressed));
  let drainedAt: string | null = null;
  try {
    for await (const page of readAhead(openReader(context, reading, source, tools, place))) {
      try {
        throwIfAborted(context.signal);
        context.emit({ event: "page:read", feed: feed.name, rows: page.rows.length, total: page.total });
        const survey = surveyFields(feed, page.rows, used);
        reportDrift(context, tools.drift.see(feed.name, survey));
        await first.take(page, await judge.judge(page.rows, survey));
        drainedAt = page.drainedAt ?? drainedAt;
      } finally {
        page.release();
      }
    }
    await first.end();
    return drainedAt;
  } finally {
    source.close();
  }
}

/** Reads a list for a range run. */
const workOf = (feed: Feed): string => `list ${feed.name}`;

/** Decides whether a reading has gone further than a poll without changes. */
function standing({ token, fullPass, backfill }: FeedCursor): string {
  return JSON.stringify([token, fullPass?.token, fullPass?.drained, backfill]);
}

function isFullPass({ request }: LandingContext, reading: FeedReading): boolean {
  return request.mode === "full" && !reading.isAgain;
}

/** The full pass that the reading is part of; `null` if there is none. */
function fullPassOf(context: LandingContext, reading: FeedReading): FullPassOwner | null {
  if (!isFullPass(context, reading)) return null;
  const { runId } = context.lease;
  const begun = reading.cursor?.fullPass ?? null;
  return begun?.runId === runId ? begun : { runId, beganAt: new Date(context.ownedSince).toISOString() };
}

/**
 * A full pass overrides rows that landed before this time, whatever their modification time: later ones may
 * be newer than what an export currently shows.
 */
function healsBefore(context: LandingContext, reading: FeedReading): number | null {
  const pass = fullPassOf(context, reading);
  return pass === null ? null : Date.parse(safelyBefore(pass.beganAt));
}

function openReader(
  context: LandingContext,
  reading: FeedReading,
  pages: PageSource,
  { sizes, parallelBackfill }: ReadingTools,
  place: ListPlace | null,
): AsyncGenerator<FeedPage> {
  const { request, clock, signal } = context;
  const base = {
    pages,
    clock,
    signal,
    feed: reading.feed,
    tenantId: context.scope.tenantId,
    cursor: reading.cursor ?? unreadCursor,
    fullPassOf: fullPassOf(context, reading),
    warn: (warning: { readonly code: string; readonly message: string }) =>
      context.warn({ ...warning, count: null }),
  };
  if (reading.range !== null) {
    const query = rangeQuery(reading.range);
    const { pageSize } = sizes;
    return readList({ ...base, query, isWhole: false, pageSize, place } satisfies ListReadOptions);
  }
  return reading.feed.reader === "export"
    ? followFeed({
        ...base,
        backfill: parallelBackfill ? sizes : null,
        recentChanges: request.fresh,
      } satisfies FollowOptions)
    : readList({ ...base, isWhole: true, pageSize: sizes.pageSize } satisfies ListReadOptions);
}

function reportDrift(context: LandingContext, drift: SchemaDrift | null): void {
  if (drift === null) return;
  const unknown = [...drift.unknown.keys()];
  const missing = [...drift.missing.keys()];
  context.emit({ event: "schema:drift", feed: drift.feed, unknown, missing });
  context.warn({ code: "SCHEMA_DRIFT", message: describeDrift(drift.feed, unknown, missing), count: null });
}

function describeDrift(feed: string, unknown: readonly string[], missing: readonly string[]): string {
  const parts = [
    ...(unknown.length === 0 ? [] : [`has fields that are not documented: ${unknown.join(", ")}`]),
    ...(missing.length === 0 ? [] : [`lacks documented fields: ${missing.join(", ")}`]),
  ];
  return `${feed} ${parts.join("; ")}.`;
}

/** Lands pages, and stores with a full pass what it could not read. */
function createLander(context: LandingContext, reading: FeedReading, list: SuppressedRows): Land {
  const { feed, touches, cursor } = reading;
  const seeing = {
    markSeen: reading.range !== null || isFullPass(context, reading),
    healsBefore: healsBefore(context, reading),
  };
  const { runId } = context.lease;
  const shown = shownFieldsOf(context.catalog, feed, context.company.columns);
  let stands = standing(cursor ?? unreadCursor);
  let unreadable = cursor?.fullPass?.runId === runId ? (cursor.fullPass.unreadable ?? 0) : 0;

  /** Rows that a full pass could not read are counted in its cursor, for the run that ends it. */
  function complete(saved: FeedCursor | null): FeedCursor | null {
    return saved?.fullPass?.runId !== runId || unreadable === 0
      ? saved
      : { ...saved, fullPass: { ...saved.fullPass, unreadable } };
  }

  return async (page, { repeated, ...checked }) => {
    unreadable += checked.rejections.filter(isUnreadable).length;
    const { sound, ...dropped } = dropSuppressed(feed, checked, list);
    const ascending = sound.toSorted((left, right) => compareIds(left.id, right.id));
    for (const part of partsOf(ascending, dropped, shown)) {
      throwIfAborted(context.signal);
      const { isLast } = part;
      const repeatedHere = isLast ? repeated : 0;
      const result = await context.storage.landRows({
        lease: context.lease,
        scope: context.scope,
        feed: feed.name,
        source: page.source,
        entities: part.entities,
        rejections: part.rejections,
        suppressed: part.suppressed,
        touches,
        repeated: repeatedHere,
        // The page counts as read only once all of it has landed.
        cursor: isLast ? complete(page.cursor) : null,
        endsPage: isLast,
        ...seeing,
      });
      const figures = context.figures.addFeed(feed.name, figuresOf(part, repeatedHere, result));
      context.emit({ event: "batch:landed", feed: feed.name, figures });
    }
    if (reading.range !== null && page.place != null) {
      await keepPlace(context, workOf(feed), page.place);
      context.movedOn();
    }
    if (page.cursor === null || standing(page.cursor) === stands) return;
    stands = standing(page.cursor);
    context.movedOn();
  };
}

/** What one transaction lands of a page. */
interface Part {
  readonly entities: readonly NewEntity[];
  /** All in the last part: if an id is on the page twice, a valid row in another part would clear them. */
  readonly rejections: readonly NewRejection[];
  /** All in the first part. */
  readonly suppressed: readonly string[];
  readonly isLast: boolean;
}

/** At least one part; the texts of each are created when it is next. */
function* partsOf(
  rows: readonly SoundRow[],
  dropped: Pick<Part, "rejections" | "suppressed">,
  shown: ShownFields,
): Generator<Part> {
  let next = 0;
  let isFirst = true;
  do {
    const entities: NewEntity[] = [];
    let bytes = 0;
    while (next < rows.length && entities.length < maxRowsInPart && bytes < maxBytesInPart) {
      const entity = toEntity(rows[next] as SoundRow, shown);
      entities.push(entity);
      bytes += entity.payload.length;
      next += 1;
    }
    const isLast = next >= rows.length;
    const rejections = isLast ? dropped.rejections : [];
    yield { entities, rejections, suppressed: isFirst ? dropped.suppressed : [], isLast };
    isFirst = false;
  } while (next < rows.length);
}

function figuresOf(part: Part, repeated: number, result: LandResult): FeedFigures {
  return {
    pages: part.isLast ? 1 : 0,
    read: part.entities.length + part.rejections.length + part.suppressed.length + repeated,
    landed: result.landed,
    unchanged: result.unchanged,
    superseded: result.superseded + repeated,
    suppressed: part.suppressed.length,
    rejected: part.rejections.length,
  };
}
