import type { FeedName } from "../feeds/feed.js";
import type { Clock } from "../ports/clock.js";
import type { CustomerData, ErasedCounts, EraseParams, Withdrawal } from "../ports/erasure-store.js";
import type { RecordType } from "../records/record.js";
import { compareIds } from "./compare-ids.js";
import { leastRevision, toDeliveredRecord } from "./delivered-records.js";
import type { RejectionTable } from "./rejection-table.js";
import type { TenantData } from "./tenant-data.js";

const recordTypes: readonly RecordType[] = ["member", "invoice"];

/** Finds what is kept of a customer. */
export function findCustomer(
  tenant: TenantData,
  { customerId, links, drivers }: EraseParams,
  clock: Clock,
): CustomerData {
  const ids = new Map<FeedName, Set<string>>([["customers", new Set([customerId])]]);
  for (const { feed, link } of links) {
    const known = ids.get(feed) ?? new Set();
    for (const [id] of tenant.entities(feed).referringTo(link, customerId)) known.add(id);
    ids.set(feed, known);
  }
  const entities = new Map([...ids].map(([feed, known]) => [feed, [...known].sort(compareIds)]));
  const delivered = new Map(
    drivers.map(({ record, feed }) => [
      record,
      (entities.get(feed) ?? []).flatMap((id) => {
        const row = tenant.delivered(record).get(id);
        return row === null ? [] : [toDeliveredRecord(row)];
      }),
    ]),
  );
  const batches = [...tenant.batches.values()];
  return { entities, delivered, batches, leastRevision: leastRevision(clock) };
}

/** Forgets what was found, and keeps what the withdrawal says. */
export function forgetCustomer(
  tenant: TenantData,
  rejections: RejectionTable,
  { entities }: CustomerData,
  rejected: EraseParams["rejected"],
  withdrawal: Withdrawal,
): ErasedCounts {
  let deleted = 0;
  const rows = [...rejected];
  for (const [feed, ids] of entities) {
    for (const entityId of ids) {
      if (tenant.entities(feed).delete(entityId)) deleted += 1;
      for (const record of recordTypes) tenant.listed(record, feed).remove(entityId);
      rows.push({ feed, entityId });
    }
  }
  for (const { record, id, revision } of withdrawal.removals) {
    tenant.delivered(record).settle({ id, sequence: 0, outcome: "removed", revision });
  }
  for (const batch of withdrawal.batches) tenant.batches.set(batch.id, { ...batch });
  return {
    entities: deleted,
    records: withdrawal.removals.length,
    rejections: rejections.forgetRows(tenant.scope, rows),
  };
}
