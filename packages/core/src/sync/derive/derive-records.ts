import { throwIfAborted } from "../../async/aborted.js";
import { type ByteShare, openShare } from "../../async/byte-budget.js";
import { readAhead } from "../../async/read-ahead.js";
import { unreadCursor } from "../../extract/feed-page.js";
import type { FeedName } from "../../feeds/feed.js";
import type { FeedCursor } from "../../ports/feed-cursor.js";
import type { ClaimedKey } from "../../ports/work-queue.js";
import type { RecordPlan } from "../../records/definitions/record-plan.js";
import type { MapContext } from "../../records/map-context.js";
import type { Delivery } from "../deliver/deliver-batch.js";
import type { RunContext } from "../run/run-context.js";
import { findUnknownRecords } from "./compare-sink.js";
import { deriveParts, type HeldBatch } from "./derive-parts.js";
import { enqueueRecords } from "./enqueue-records.js";

/** Entities that replace queued ones in one transaction. */
const expandStep = 5000;

/** With only one, storage and processor would wait for each other. */
const batchesAhead = 2;

/** Derives and delivers what the work queue holds of one record type, until it is empty. */
export async function deriveRecords(
  context: RunContext,
  plan: RecordPlan,
  delivery: Delivery,
  newBatchId: () => string,
): Promise<void> {
  const { storage, scope, request, signal } = context;
  const cursors = await storage.findCursors(scope);
  const driverCursor = cursors.get(plan.driver) ?? unreadCursor;
  const isRange = request.range !== null;
  const { feedsOff } = context.company;
  const drained = new Set(
    [...cursors]
      .filter(([feed, cursor]) => cursor.drainedAt !== null && !feedsOff.includes(feed))
      .map(([feed]) => feed),
  );
  const mapping: MapContext = { company: context.company, version: context.version, drained };

  // The fields of a feed have fallbacks only once it has been drained: the first time changes every record.
  // So
  // does turning it off or on.
  const { enqueuedWith } = driverCursor;
  const isNews =
    enqueuedWith === null ||
    plan.related.some((feed) => drained.has(feed) && !enqueuedWith.includes(feed)) ||
    enqueuedWith.some((feed) => feedsOff.includes(feed));
  if (isRange || isNews || request.mode === "full" || request.rederive)
    await enqueueRecords(context, plan, { drained, seenOnly: isRange });
  if (!isRange && isNews) await markPending(context, plan, driverCursor, drained);
  await expandAll(context, plan);
  // The keys of a range run are not counted separately from other queued ones.
  const listed = { scope, record: plan.record, feed: plan.driver };
  context.throughput.expect(plan.record, isRange ? null : await storage.countPendingIds(listed));
  const share = openShare(context.budget);
  /** @returns the number of batches. */
  const deliver = async (batches: AsyncGenerator<HeldBatch>): Promise<number> => {
    let delivered = 0;
    // Batches are derived while the previous one is being delivered.
    for await (const { derived, release } of readAhead(batches, batchesAhead)) {
      try {
        throwIfAborted(signal);
        await delivery.deliver(derived, newBatchId());
      } catch (error) {
        // Batches derived ahead will not be delivered, and the one being derived may be waiting for room.
        share.close();
        throw error;
      }
      release();
      delivered += 1;
      context.movedOn();
    }
    return delivered;
  };
  try {
    let delivered: number;
    do {
      delivered = await deliver(derivePending(context, plan, mapping, isRange, share));
      // The queue was last read before the last batch was settled, which may have released keys.
    } while (delivered > 0);
    await deliver(deriveUnknownRecords(context, plan, delivery, mapping, share));
  } finally {
    share.close();
  }
}

/**
 * Claims and derives queued keys batch by batch, in one pass over the queue. No key is in two batches.
 */
async function* derivePending(
  context: RunContext,
  plan: RecordPlan,
  mapping: MapContext,
  seenOnly: boolean,
  share: ByteShare,
): AsyncGenerator<HeldBatch, void, undefined> {
  const { storage, lease, scope, signal } = context;
  for (let after: string | null = null; ; ) {
    throwIfAborted(signal);
    const keys: readonly ClaimedKey[] = await storage.claimKeys({
      lease,
      scope,
      record: plan.record,
      feed: plan.driver,
      // Starting from the lowest key, each claim would scan the dead rows of all keys settled before.
      after,
      limit: context.batchSize,
      seenOnly,
    });
    after = keys.at(-1)?.id ?? null;
    if (after === null) return;
    yield* deriveParts(context, plan, keys, mapping, share);
  }
}

/** Landed entities also decide about records that only the sink has. */
async function* deriveUnknownRecords(
  context: RunContext,
  plan: RecordPlan,
  delivery: Delivery,
  mapping: MapContext,
  share: ByteShare,
): AsyncGenerator<HeldBatch, void, undefined> {
  for await (const unknown of findUnknownRecords(context, plan)) {
    const keys = unknown.filter(({ id }) => !delivery.holds(id));
    if (keys.length > 0) yield* deriveParts(context, plan, keys, mapping, share);
  }
}

/** From here on a landed change queues what it affects. */
async function markPending(
  context: RunContext,
  plan: RecordPlan,
  cursor: FeedCursor,
  drained: ReadonlySet<FeedName>,
): Promise<void> {
  await context.storage.landRows({
    lease: context.lease,
    scope: context.scope,
    feed: plan.driver,
    source: "export",
    entities: [],
    rejections: [],
    touches: [],
    repeated: 0,
    cursor: { ...cursor, enqueuedWith: plan.related.filter((feed) => drained.has(feed)) },
    endsPage: false,
    markSeen: false,
    healsBefore: null,
  });
}

async function expandAll(context: RunContext, plan: RecordPlan): Promise<void> {
  const { storage, lease, scope, signal } = context;
  for (const expansion of plan.expansions) {
    let hasMore = true;
    while (hasMore) {
      throwIfAborted(signal);
      hasMore = await storage.expandKeys({
        lease,
        scope,
        expansion: { record: plan.record, ...expansion },
        limit: expandStep,
      });
      if (hasMore) context.movedOn();
    }
  }
}
