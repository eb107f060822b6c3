import { z } from "zod";
import { throwIfAborted } from "../../async/aborted.js";
import type { HeldRecord } from "../../ports/sink-reader.js";
import type { ClaimedKey } from "../../ports/work-queue.js";
import type { RecordPlan } from "../../records/definitions/record-plan.js";
import type { RunContext } from "../run/run-context.js";
import { keepPlace, placeOf } from "../run/run-places.js";

/** By key, the revision that the sink has; records that it does not have are left out. */
export type HeldRevisions = ReadonlyMap<string, number>;

/** Keys requested at once. */
const step = 2000;

const placeSchema = z.object({ after: z.string() });
const microsecondsPerMillisecond = 1000;

/**
 * Whether a run compares what it derives with what the sink has, and not only with what the storage says was
 * delivered: a storage that was brought back from an old copy says what was true then.
 */
export function comparesSink({ request, sink }: RunContext): boolean {
  return request.mode === "full" && request.range === null && sink.reader !== undefined;
}

/** What the sink has of these records; `null` where the run does not compare. */
export async function findHeld(
  context: RunContext,
  plan: RecordPlan,
  keys: readonly string[],
): Promise<HeldRevisions | null> {
  const { sink, scope, signal } = context;
  if (!comparesSink(context) || sink.reader === undefined) return null;
  return toRevisions(await sink.reader.find({ scope, record: plan.record, keys }, { signal }));
}

/**
 * Records that the sink has and that the storage did not deliver, or delivered at another revision, in pages: what
 * is landed decides what becomes of them. Their keys are on no work queue: a sequence of 0 takes none off it.
 */
export async function* findUnknownRecords(
  context: RunContext,
  plan: RecordPlan,
): AsyncGenerator<readonly ClaimedKey[], void, undefined> {
  const { storage, sink, scope, signal } = context;
  if (!comparesSink(context) || sink.reader === undefined) return;
  const { record } = plan;
  const work = `unknown ${record}`;
  let after = (await placeOf(context, work, placeSchema))?.after ?? null;
  // If a page has some, they must be delivered before the next slice may start after it.
  let isClear = true;
  for (;;) {
    throwIfAborted(signal);
    const page: readonly HeldRecord[] = await sink.reader.list(
      { scope, record, after, limit: step },
      { signal },
    );
    const last = page.at(-1)?.key;
    if (last === undefined) return;
    after = last;
    const delivered = await storage.findDeliveredRecords({ scope, record, ids: page.map(({ key }) => key) });
    const known = new Map(
      delivered.filter(({ removed }) => !removed).map(({ id, revision }) => [id, revision]),
    );
    const unknown = page.filter(({ key, revision }) => known.get(key) !== revision);
    isClear &&= unknown.length === 0;
    if (isClear) {
      await keepPlace(context, work, { after });
      context.movedOn();
    }
    if (unknown.length > 0) yield unknown.map((held) => keyOf(context, held)).sort(byId);
  }
}

/** Higher than the sink's revision and any revision that an earlier run may still send. */
function keyOf({ startedAt }: RunContext, { key, revision }: HeldRecord): ClaimedKey {
  return {
    id: key,
    sequence: 0,
    revision: Math.max(revision + 1, startedAt * microsecondsPerMillisecond),
  };
}

/** Digits: of two numbers, the shorter one is the smaller. */
function byId(left: ClaimedKey, right: ClaimedKey): number {
  return left.id.length - right.id.length || (left.id < right.id ? -1 : 1);
}

function toRevisions(held: readonly HeldRecord[]): HeldRevisions {
  return new Map(held.map(({ key, revision }) => [key, revision]));
}
