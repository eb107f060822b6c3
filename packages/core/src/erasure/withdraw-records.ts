import { namedByRaw } from "../feeds/customer-links.js";
import { compareIds } from "../feeds/entity-id.js";
import type { Feed } from "../feeds/feed.js";
import { parseExactly } from "../json/parse-exactly.js";
import type { DeliveredRecord, SettledItem, StagedBatch } from "../ports/delivery-store.js";
import type { Erasure } from "../ports/erasure-store.js";
import type { BatchItem } from "../ports/record-sink.js";
import type { RecordType } from "../records/record.js";
import { type BatchContent, parseContent, toStoredBatch } from "../sync/deliver/batch-content.js";

type Ids = ReadonlySet<string>;

/** What is known of one record type of a customer. */
export interface WithdrawParams {
  readonly record: RecordType;
  /** The feed from whose rows its records are made. */
  readonly driver: Feed;
  readonly customers: Ids;
  /** Records to withdraw. */
  readonly ids: Ids;
  /** Delivered states of these, removed ones included. */
  readonly delivered: readonly DeliveredRecord[];
  /** The lowest revision of a removal. */
  readonly minRevision: number;
  /** Stored batches of any record type. */
  readonly batches: readonly StagedBatch[];
}

export interface WithdrawnRecords extends Pick<Erasure, "removals" | "batches"> {
  /** Records of stored batches that name the customer, with any id. */
  readonly named: Ids;
}

/**
 * How a customer's records leave the sink: a removal, under a revision above every one that may have arrived,
 * for each record that was delivered or stands in a stored batch whose fate is not known. In those batches
 * removals take the records' places: they keep their ids, since the sink may know them.
 */
export function withdrawRecords(params: WithdrawParams): WithdrawnRecords {
  const own = params.batches.map(parseContent).filter((content) => content.batch.record === params.record);
  const named = new Set(own.flatMap((content) => namedIn(content, params)));
  const ids: Ids = new Set([...params.ids, ...named]);
  return {
    removals: removalsOf(params, ids, own),
    batches: own.filter((content) => holds(content, ids)).map((content) => clean(content, ids)),
    named,
  };
}

/** Keys of records that name the customer, although their entity may belong to another one by now. */
function namedIn(
  { batch, settled }: BatchContent,
  { driver, customers }: Pick<WithdrawParams, "driver" | "customers">,
): readonly string[] {
  const sent = batch.items.flatMap((item) =>
    item.op === "upsert" && customers.has(item.record.customer_id ?? "") ? [item.key] : [],
  );
  const refused = settled.flatMap((item) =>
    item.outcome === "rejected" && namesOneOf(customers, driver, item.id, item.rejection.payload)
      ? [item.id]
      : [],
  );
  return [...sent, ...refused];
}

/** Whether a rejected row of the driver belongs to one of these customers. */
function namesOneOf(customers: Ids, driver: Feed, id: string, payload: string | null): boolean {
  if (payload === null) return false;
  return namedByRaw(driver, id, parseExactly(payload)).customers.some((customer) => customers.has(customer));
}

function removalsOf(
  { record, delivered, minRevision }: WithdrawParams,
  ids: Ids,
  contents: readonly BatchContent[],
): WithdrawnRecords["removals"] {
  const known = new Map<string, { revision: number; isThere: boolean }>();
  const note = (id: string, revision: number, isThere: boolean): void => {
    const before = known.get(id) ?? { revision: 0, isThere: false };
    known.set(id, {
      revision: Math.max(before.revision, revision),
      isThere: before.isThere || isThere,
    });
  };
  for (const { id, revision, removed } of delivered) note(id, revision, !removed);
  for (const { batch } of contents) {
    for (const { key, revision, op } of batch.items) if (ids.has(key)) note(key, revision, op === "upsert");
  }
  return [...known]
    .filter(([, { isThere }]) => isThere)
    .map(([id, { revision }]) => ({ record, id, revision: Math.max(revision + 1, minRevision) }))
    .sort((left, right) => compareIds(left.id, right.id));
}

/** Whether a batch names a record of these, delivered or rejected. */
function holds({ settled }: BatchContent, ids: Ids): boolean {
  return settled.some((item) => ids.has(item.id));
}

function clean(content: BatchContent, ids: Ids): StagedBatch {
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
