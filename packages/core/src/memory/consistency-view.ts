import type { ConsistencyView } from "../ports/consistency-view.js";
import type { DeliveredRecord } from "../ports/sync-store.js";
import { toDeliveredRecord } from "./delivered-records.js";
import type { SyncTables } from "./sync-tables.js";

/** What a check reads. */
export function memoryConsistencyView({ tenants, runs }: SyncTables): ConsistencyView {
  return {
    async countEntities({ scope, feed, after, limit, since }) {
      let [live, removed, landedSince] = [0, 0, 0];
      let last: string | null = null;
      for (const [id, row] of tenants.read(scope).entities(feed).above(after)) {
        if (live + removed === limit) break;
        if (row.removed) removed += 1;
        else live += 1;
        if (row.landedAt >= since) landedSince += 1;
        last = id;
      }
      return { live, removed, landedSince, last };
    },
    async listDeliveredRecords({ scope, record, after, limit }) {
      const page: DeliveredRecord[] = [];
      for (const [, row] of tenants.read(scope).delivered(record).above(after)) {
        if (page.length === limit) break;
        page.push(toDeliveredRecord(row));
      }
      return page;
    },
    findLease: async (credentialId) => runs.findLease(credentialId),
  };
}
