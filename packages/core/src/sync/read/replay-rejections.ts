import { z } from "zod";
import { throwIfAborted } from "../../async/aborted.js";
import { compareIds } from "../../feeds/entity-id.js";
import type { Feed, FeedName } from "../../feeds/feed.js";
import { type PageRow, rowOf } from "../../json/page-row.js";
import type { Page } from "../../ports/page.js";
import type { StoredRejection } from "../../ports/rejection-store.js";
import { isSameScope } from "../../ports/tenant.js";
import { surveyFields } from "../../quality/field-survey.js";
import { minRowsOfVerdict } from "../../quality/page-verdict.js";
import { type SoundRow, toEntity } from "../../quality/structure-check.js";
import { touchesOf } from "../../records/definitions/catalog.js";
import type { RecordPlan } from "../../records/definitions/record-plan.js";
import { shownFieldsOf } from "../../records/shown-fields.js";
import { usedFieldsOf } from "../../records/used-fields.js";
import type { RunContext } from "../run/run-context.js";
import { keepPlace, placeOf } from "../run/run-places.js";
import { createPageJudge } from "./judge-page.js";
import { dropSuppressed } from "./suppressed-in-page.js";

/** Rejections in memory at once. */
const pageSize = 100;
/** Fewer than are judged as a page. */
const rowsJudgedSingly = minRowsOfVerdict - 1;

const work = "replay";
const placeSchema = z.object({ cursor: z.string().nullable(), left: z.number(), done: z.boolean() });

/**
 * Gives everything that was rejected another chance: rows whose structure is sound by now are landed, and
 * records that a rule or the sink refused are listed to be derived. What is wrong still stays a rejection.
 */
export async function replayRejections(context: RunContext, plans: readonly RecordPlan[]): Promise<void> {
  const { storage, scope, signal } = context;
  const known = await placeOf(context, work, placeSchema);
  let cursor = known?.cursor ?? null;
  let left = known?.left ?? 0;
  // Not `eachPage`: where the next page begins is stored with each, so that a later slice continues there.
  for (let done = known?.done === true; !done; ) {
    throwIfAborted(signal);
    const page: Page<StoredRejection> = await storage.listRejections(
      { companyId: scope.companyId },
      { limit: pageSize, cursor },
    );
    const own = page.items.filter((rejection) => isSameScope(rejection.scope, scope));
    left += await landSound(
      context,
      own.filter(({ stage }) => stage === "structure"),
    );
    await requeue(
      context,
      plans,
      own.filter(({ stage }) => stage !== "structure"),
    );
    cursor = page.next;
    done = cursor === null;
    await keepPlace(context, work, { cursor, left, done });
    context.movedOn();
  }
  if (left === 0) return;
  context.warn({
    code: "REJECTIONS_LEFT",
    message:
      "Rejected rows could not be landed: they still cannot be used, or the landed version is newer or was removed.",
    count: left,
  });
}

/** @returns the number of rows that did not land: they stay rejected. */
async function landSound(context: RunContext, rejections: readonly StoredRejection[]): Promise<number> {
  if (rejections.length === 0) return 0;
  const { catalog, storage, lease, scope } = context;
  const cursors = await storage.findCursors(scope);
  const isQueued = (driver: FeedName): boolean => (cursors.get(driver)?.enqueuedWith ?? null) !== null;
  let landed = 0;
  for (const [name, feed] of catalog.feeds) {
    const rows = rejections.flatMap((rejection) =>
      rejection.feed === name && rejection.payload !== null ? [rowOf(rejection.payload)] : [],
    );
    const usable = { sound: await usableRows(context, feed, rows), rejections: [] };
    const { sound, suppressed } = dropSuppressed(feed, usable, await context.suppressed());
    if (sound.length + suppressed.length === 0) continue;
    const shown = shownFieldsOf(catalog, feed, context.company.columns);
    const result = await storage.landRows({
      lease,
      scope,
      feed: name,
      // Anything read since then takes precedence.
      source: "list",
      entities: sound
        .toSorted((left, right) => compareIds(left.id, right.id))
        .map((row) => toEntity(row, shown)),
      rejections: [],
      suppressed,
      touches: touchesOf(catalog, name, isQueued),
      repeated: 0,
      cursor: null,
      endsPage: false,
      markSeen: false,
      healsBefore: null,
    });
    landed += result.landed + result.unchanged + suppressed.length;
  }
  return rejections.length - landed;
}

/**
 * Valid rows that empty no column of landed ones and belong to no removed entity: a rejected row says
 * nothing about its entity's later state.
 */
async function usableRows(
  context: RunContext,
  feed: Feed,
  rows: readonly PageRow[],
): Promise<readonly SoundRow[]> {
  const { catalog, storage, scope, company } = context;
  const used = usedFieldsOf(catalog, feed.name, company.columns, company.acceptAbsent);
  const judge = createPageJudge({ ...context, feed, mayHaveLanded: true, mayGoBack: false });
  const sound: SoundRow[] = [];
  // Each row separately: rows that were rejected at different times are not a page that a feed has sent.
  for (let start = 0; start < rows.length; start += rowsJudgedSingly) {
    const some = rows.slice(start, start + rowsJudgedSingly);
    sound.push(...(await judge.judge(some, surveyFields(feed, some, used))).sound);
  }
  if (sound.length === 0) return [];
  const landed = await storage.findEntities({ scope, feed: feed.name, ids: sound.map(({ id }) => id) });
  const removed = new Set(landed.filter((entity) => entity.removed).map(({ id }) => id));
  return sound.filter(({ id }) => !removed.has(id));
}

async function requeue(
  { storage, lease, scope }: RunContext,
  plans: readonly RecordPlan[],
  rejections: readonly StoredRejection[],
): Promise<void> {
  for (const { record, driver } of plans) {
    const ids = rejections.filter(({ feed }) => feed === driver).map(({ entityId }) => entityId);
    const distinct = [...new Set(ids)];
    if (distinct.length > 0) await storage.requeueKeys({ lease, scope, record, feed: driver, ids: distinct });
  }
}
