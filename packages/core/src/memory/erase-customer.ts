import type { Clock } from "../ports/clock.js";
import type { ErasedCounts, Erasure, ErasureReader } from "../ports/erasure-store.js";
import { minRevision, toDeliveredRecord } from "./delivered-records.js";
import type { EntityRow } from "./feed-entities.js";
import type { RejectionTable } from "./rejection-table.js";
import type { TenantData } from "./tenant-data.js";

/** Looks at a tenant's data. */
export function erasureReader(tenant: TenantData, rejections: RejectionTable, clock: Clock): ErasureReader {
  return {
    findEntities: async ({ feed, ids }) =>
      [...new Set(ids)].flatMap((id) => {
        const row = tenant.entities(feed).get(id);
        return row === null ? [] : [toLinked(row)];
      }),
    findEntitiesByLink: async ({ feed, link, ids }) =>
      [...new Set(ids)].flatMap((id) =>
        [...tenant.entities(feed).referringTo(link, id)].map(([, row]) => toLinked(row)),
      ),
    listRejections: async ({ after, limit }) => rejections.above(tenant.scope, after, limit),
    findDeliveredRecords: async ({ record, ids }) =>
      [...new Set(ids)].flatMap((id) => {
        const row = tenant.delivered(record).get(id);
        return row === null ? [] : [toDeliveredRecord(row)];
      }),
    findDeliveredContaining: async ({ record, texts }) =>
      [...tenant.delivered(record).currentAbove(null)].flatMap(({ id, record: text }) =>
        texts.some((part) => text.includes(part)) ? [id] : [],
      ),
    listStagedBatches: async () => [...tenant.batches.values()],
    minRevision: async () => minRevision(clock),
  };
}

function toLinked({ id, links }: EntityRow) {
  return { id, links: { ...links } };
}

/** Does what an erasure says, but for the suppression list. */
export function carryOut(tenant: TenantData, rejections: RejectionTable, erasure: Erasure): ErasedCounts {
  let deleted = 0;
  const rows: { feed: string; entityId: string }[] = [];
  for (const [feed, ids] of erasure.entities) {
    for (const entityId of ids) {
      if (tenant.entities(feed).delete(entityId)) deleted += 1;
      for (const pending of tenant.pendingOf(feed)) pending.remove(entityId);
      rows.push({ feed, entityId });
    }
  }
  for (const { record, id, revision } of erasure.removals) {
    tenant.delivered(record).settle({ id, sequence: 0, outcome: "removed", revision });
  }
  for (const { record, feed, id } of erasure.requeued) tenant.pending(record, feed).add(id);
  for (const batch of erasure.batches) tenant.batches.set(batch.id, { ...batch });
  return {
    entities: deleted,
    rejections:
      rejections.forgetRows(tenant.scope, rows) +
      rejections.forgetIds(tenant.scope, erasure.rejections) +
      rejections.empty(tenant.scope, erasure.emptied),
  };
}
