import { throwIfAborted } from "../../async/aborted.js";
import type { ByteShare } from "../../async/byte-budget.js";
import type { ClaimedKey } from "../../ports/work-queue.js";
import type { RecordPlan } from "../../records/definitions/record-plan.js";
import type { MapContext } from "../../records/map-context.js";
import type { DerivedBatch } from "../deliver/derived-batch.js";
import type { RunContext } from "../run/run-context.js";
import { splitKeys } from "./batch-parts.js";
import { deriveBatch } from "./derive-batch.js";
import { measureJoins } from "./join-sizes.js";

/** A derived batch and the room that it takes until it is delivered. */
export interface HeldBatch {
  readonly derived: DerivedBatch;
  /** Releases the room: the batch is delivered. */
  release(): void;
}

/**
 * A batch may use this share of the run's bytes: for each record type, some batches are derived ahead of
 * the one being delivered.
 */
const shareOfBatch = 1 / 4;

/**
 * Derives claimed keys in batches that fit into the run's bytes. Room is reserved for all that a batch needs, before
 * any of it is loaded: nothing waits for room in the middle.
 */
export async function* deriveParts(
  context: RunContext,
  plan: RecordPlan,
  keys: readonly ClaimedKey[],
  mapping: MapContext,
  share: ByteShare,
): AsyncGenerator<HeldBatch, void, undefined> {
  const { storage, scope, signal } = context;
  const ids = keys.map((key) => key.id);
  const sizes = await measureJoins(storage, scope, plan.definition, ids);
  for (const part of splitKeys(keys, sizes, context.budget.maxBytes * shareOfBatch)) {
    throwIfAborted(signal);
    const reservation = await share.reserve(part.bytes, signal);
    const derived = await deriveBatch(context, plan, part.keys, mapping);
    reservation.resize(bytesOf(derived));
    yield { derived, release: reservation.release };
  }
}

/** Each record exists as text and as an object, and both exist twice while the batch is stored and sent. */
const copies = 3;

/** The bytes of a batch once its rows have been released. */
function bytesOf({ settled }: DerivedBatch): number {
  return settled.reduce((sum, item) => {
    if (item.outcome === "upserted") return sum + copies * item.record.length;
    if (item.outcome === "rejected") return sum + (item.rejection.payload?.length ?? 0);
    return sum;
  }, 0);
}
