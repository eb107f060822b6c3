import { z } from "zod";
import { throwIfAborted } from "../../async/aborted.js";
import type { FeedName } from "../../feeds/feed.js";
import type { RecordPlan } from "../../records/definitions/record-plan.js";
import type { RecordType } from "../../records/record.js";
import type { RunContext } from "../run/run-context.js";
import { keepPlace, placeOf } from "../run/run-places.js";

/** Queued in one transaction. */
const enqueueStep = 20_000;

const placeSchema = z.object({
  /** The last queued id; `null` before the first. */
  after: z.string().nullable(),
  done: z.boolean(),
  /** The feeds that had ever been drained: records derived since then use no others. */
  drained: z.array(z.string()),
});

const workOf = (record: RecordType): string => `enlist ${record}`;

/**
 * Puts all driver entities of a record type on the work queue, or those that the run has seen: once in a run, however
 * many slices it takes. It begins again when a feed was drained for the first time since.
 */
export async function enqueueRecords(
  context: RunContext,
  { record, driver }: Pick<RecordPlan, "record" | "driver">,
  { drained, seenOnly }: { readonly drained: ReadonlySet<FeedName>; readonly seenOnly: boolean },
): Promise<void> {
  const { storage, lease, scope } = context;
  const known = await placeOf(context, workOf(record), placeSchema);
  const isNews = known === null || [...drained].some((feed) => !known.drained.includes(feed));
  if (!isNews && known.done) return;
  let after = isNews ? null : known.after;
  // From here on landed changes are queued, regardless of how far this has come.
  if (isNews) await keepPlace(context, workOf(record), { after, done: false, drained: [...drained] });
  for (let done = false; !done; context.movedOn()) {
    throwIfAborted(context.signal);
    const last: string | null = await storage.enqueueKeys({
      lease,
      scope,
      record,
      feed: driver,
      after,
      limit: enqueueStep,
      seenOnly,
    });
    done = last === null;
    after = last ?? after;
    await keepPlace(context, workOf(record), { after, done, drained: [...drained] });
  }
}

/** The record types of which this run lists everything, or has. */
export async function enqueuedBy(context: RunContext): Promise<ReadonlySet<RecordType>> {
  // A range queues only what it read.
  if (context.request.range !== null) return new Set();
  const types = context.catalog.plans.map(({ record }) => record);
  const places = await context.storage.findRunPlaces({ scope: context.scope, runId: context.lease.runId });
  return new Set(types.filter((record) => places.has(workOf(record))));
}
