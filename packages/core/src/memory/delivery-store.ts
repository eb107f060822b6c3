import { addRecordFigures, noRecordFigures } from "../ledger/figures.js";
import { clearsRejections, staysPending } from "../ledger/settled-item.js";
import type { DeliveryStore } from "../ports/delivery-store.js";
import { toDeliveredRecord } from "./delivered-records.js";
import { listRecords } from "./list-records.js";
import { MemoryTransaction } from "./memory-transaction.js";
import { take } from "./paging.js";
import type { SyncTables } from "./sync-tables.js";

/** What was delivered, and the batches that are not acknowledged yet. */
export function memoryDeliveryStore({ tenants, rejections, runs }: SyncTables): DeliveryStore {
  return {
    async stageBatch({ lease, scope, batch, feed, ids }) {
      const owner = runs.require(lease);
      const tenant = tenants.for(scope);
      if (!tenant.batches.has(batch.id)) tenant.batches.set(batch.id, { ...batch });
      for (const id of ids) tenant.pending(batch.record, feed).hold(owner, id);
    },

    async settleKeys({ lease, scope, record, feed, batchId, settlement: given }) {
      runs.require(lease);
      const transaction = new MemoryTransaction();
      try {
        const settlement =
          typeof given === "function" ? await given(transaction, (work) => transaction.attempt(work)) : given;
        // Time has passed: the run may have another owner by now.
        runs.require(lease);
        transaction.commit();
        const tenant = tenants.for(scope);
        for (const item of settlement.items) {
          if (!staysPending(item)) tenant.pending(record, feed).settle(item);
          tenant.delivered(record).settle(item);
          if (item.outcome === "rejected") rejections.keep(lease, scope, item.rejection);
          if (clearsRejections(item)) rejections.clear(scope, feed, item.id, ["record", "sink"]);
        }
        if (batchId !== null) tenant.batches.delete(batchId);
        const records = runs.find(lease.runId)?.records;
        const figures = addRecordFigures(records?.[record] ?? noRecordFigures, settlement.figures);
        runs.update(lease.runId, { records: { ...records, [record]: figures } });
      } finally {
        transaction.rollback();
      }
    },

    listStagedBatches: async (scope) => [...tenants.read(scope).batches.values()],
    acknowledgeBatch: async ({ scope, batchId }) => void tenants.read(scope).batches.delete(batchId),

    async findDeliveredRecords({ scope, record, ids }) {
      const stored = tenants.read(scope).delivered(record);
      const rows = [...new Set(ids)].map((id) => stored.get(id));
      return rows.filter((row) => row !== null).map(toDeliveredRecord);
    },

    async listDeliveredRecords({ scope, record, after, limit }) {
      const rows = tenants.read(scope).delivered(record).above(after);
      return take(rows, limit).map(([, row]) => toDeliveredRecord(row));
    },

    async findCurrentRecords({ scope, record: type, ids }) {
      const delivered = tenants.read(scope).delivered(type);
      return [...new Set(ids)].flatMap((id) => {
        const record = delivered.get(id)?.record ?? null;
        return record === null ? [] : [{ scope, id, record }];
      });
    },

    listRecords: async (params, page) => listRecords(tenants.inOrder(), params, page),
  };
}
