import type { WorkQueue } from "../ports/work-queue.js";
import { minRevision } from "./delivered-records.js";
import { expandPending } from "./expand.js";
import { take } from "./paging.js";
import type { SyncTables } from "./sync-tables.js";

/** The keys that are still to be derived or expanded. */
export function memoryWorkQueue({ clock, tenants, seen, runs }: SyncTables): WorkQueue {
  return {
    async enqueueKeys({ lease, scope, record, feed, after, limit, seenOnly }) {
      runs.require(lease);
      const tenant = tenants.for(scope);
      const entities = tenant.entities(feed);
      const pending = tenant.pending(record, feed);
      let left = limit;
      let last: string | null = null;
      for (const id of seenOnly ? seen.above(lease.runId, feed, after) : entities.idsAbove(after)) {
        if (left === 0) break;
        if (!entities.has(id)) continue;
        pending.add(id);
        last = id;
        left -= 1;
      }
      return last;
    },

    async requeueKeys({ lease, scope, record, feed, ids }) {
      runs.require(lease);
      const pending = tenants.for(scope).pending(record, feed);
      for (const id of ids) pending.add(id);
    },

    async expandKeys({ lease, scope, expansion, limit }) {
      runs.require(lease);
      return expandPending(tenants.for(scope), expansion, limit);
    },

    async claimKeys({ lease, scope, record, feed, seenOnly, ...bounds }) {
      const owner = runs.require(lease);
      const tenant = tenants.for(scope);
      const keys = tenant
        .pending(record, feed)
        .claim(owner, bounds, (id) => !seenOnly || seen.has(lease.runId, feed, id));
      const delivered = tenant.delivered(record);
      const least = minRevision(clock);
      return keys.map((key) => ({ ...key, revision: delivered.nextRevision(key.id, least) }));
    },

    async listPendingIds({ scope, record, feed, after, limit }) {
      return take(tenants.read(scope).pending(record, feed).above(after), limit).map(([id]) => id);
    },

    countPendingIds: async ({ scope, record, feed }) => tenants.read(scope).pending(record, feed).size,
  };
}
