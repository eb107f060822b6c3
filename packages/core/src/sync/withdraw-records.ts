import { compareIds } from "../feeds/entity-id.js";
import type { CustomerData, Withdrawal } from "../ports/erasure-store.js";
import type { BatchItem } from "../ports/record-sink.js";
import type { SettledItem, StoredBatch } from "../ports/sync-store.js";
import type { RecordType } from "../records/record.js";
import { type BatchContent, parseContent, toStoredBatch } from "./batch-content.js";
import type { RecordPlan } from "./record-plan.js";

type Ids = ReadonlySet<string>;

/**
 * How a customer's records leave the sink: a removal, under a revision above every one that may have arrived,
 * for each record that was delivered or stands in a stored batch whose fate is not known. In those batches
 * removals take the records' places: they keep their ids, since the sink may know them.
 */
export function withdrawRecords(
  found: CustomerData,
  plans: readonly Pick<RecordPlan, "record" | "driver">[],
): Withdrawal {
  const contents = found.batches.map(parseContent);
  const removals: Withdrawal["removals"][number][] = [];
  const batches: StoredBatch[] = [];
  for (const { record, driver } of plans) {
    const ids: Ids = new Set(found.entities.get(driver));
    const own = contents.filter((content) => content.batch.record === record);
    removals.push(...removalsOf(record, ids, found, own));
    batches.push(...own.filter((content) => holds(content, ids)).map((content) => clean(content, ids)));
  }
  return { removals, batches };
}

function removalsOf(
  record: RecordType,
  ids: Ids,
  found: CustomerData,
  contents: readonly BatchContent[],
): Withdrawal["removals"] {
  const known = new Map<string, { revision: number; isThere: boolean }>();
  const note = (id: string, revision: number, isThere: boolean): void => {
    const before = known.get(id) ?? { revision: 0, isThere: false };
    known.set(id, {
      revision: Math.max(before.revision, revision),
      isThere: before.isThere || isThere,
    });
  };
  for (const { id, revision, removed } of found.delivered.get(record) ?? []) note(id, revision, !removed);
  for (const { batch } of contents) {
    for (const { key, revision, op } of batch.items) if (ids.has(key)) note(key, revision, op === "upsert");
  }
  return [...known]
    .filter(([, { isThere }]) => isThere)
    .map(([id, { revision }]) => ({
      record,
      id,
      revision: Math.max(revision + 1, found.leastRevision),
    }))
    .sort((left, right) => compareIds(left.id, right.id));
}

/** Whether a batch names a record of these, delivered or rejected. */
function holds({ settled }: BatchContent, ids: Ids): boolean {
  return settled.some((item) => ids.has(item.id));
}

function clean(content: BatchContent, ids: Ids): StoredBatch {
  const items = content.batch.items.map((item): BatchItem => {
    return ids.has(item.key) ? { op: "remove", key: item.key, revision: item.revision } : item;
  });
  const settled = content.settled.map((item) => (ids.has(item.id) ? cleanItem(item) : item));
  return toStoredBatch({ ...content, batch: { ...content.batch, items }, settled });
}

function cleanItem(item: SettledItem): SettledItem {
  const { id, sequence } = item;
  if (item.outcome === "upserted") return { id, sequence, outcome: "removed", revision: item.revision };
  return item.outcome === "rejected" ? { id, sequence, outcome: "left-out" } : item;
}
