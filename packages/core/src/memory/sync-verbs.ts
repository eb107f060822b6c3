import { addFeedFigures, addRecordFigures, noFeedFigures, noRecordFigures } from "../ledger/figures.js";
import type { FeedFigures } from "../ports/sync-run.js";
import type { LandParams, LandResult, SettledItem, SyncStore } from "../ports/sync-store.js";
import { minRevision, toDeliveredRecord } from "./delivered-records.js";
import { expandListed } from "./expand.js";
import { toLandedEntity } from "./feed-entities.js";
import { landEntities } from "./land.js";
import { listRecords } from "./list-records.js";
import { MemoryTransaction } from "./memory-transaction.js";

import { listRuns, measureDays, measureRuns } from "./run-history.js";
import { isSameScope } from "./scope-key.js";
import { sweepAbsent } from "./sweep.js";
import type { SyncTables } from "./sync-tables.js";

/** What a sync store does with its tables, retention aside. */
export function memorySyncVerbs({
  clock,
  tenants,
  seen,
  places,
  rejections,
  runs,
}: SyncTables): Omit<SyncStore, "prune" | "dismissRejections"> {
  return {
    beginRun: async (params) => runs.begin(params),
    renewLease: async ({ lease, leaseMs }) => runs.heartbeat(lease, leaseMs),
    requestRunCancellation: async (params) => runs.requestCancel(params),
    endRun: async (params) => runs.end(params),

    async landRows(params) {
      const { lease, scope, feed, cursor } = params;
      runs.require(lease);
      const tenant = tenants.for(scope);
      const result = landEntities(tenant, rejections, params, {
        now: clock.now(),
        isSeen: (id) => seen.has(lease.runId, feed, id),
      });
      for (const rejection of params.rejections) rejections.keep(lease, scope, rejection);
      for (const id of params.suppressed ?? []) rejections.clear(scope, feed, id, ["structure"]);
      if (cursor !== null) tenant.cursors.set(feed, structuredClone(cursor));
      if (params.markSeen) {
        seen.mark(
          lease.runId,
          feed,
          params.entities.map((entity) => entity.id),
        );
        seen.mark(
          lease.runId,
          feed,
          params.rejections.map((rejection) => rejection.entityId),
        );
        seen.mark(lease.runId, feed, params.suppressed ?? []);
      }
      const feeds = runs.find(lease.runId)?.feeds;
      const figures = addFeedFigures(feeds?.[feed] ?? noFeedFigures, figuresOf(params, result));
      runs.update(lease.runId, { feeds: { ...feeds, [feed]: figures } });
      return result;
    },

    async sweepFeed(params) {
      const { lease, scope, feed } = params;
      runs.require(lease);
      return sweepAbsent(tenants.for(scope), rejections, params, (id) => seen.has(lease.runId, feed, id));
    },

    async expandKeys({ lease, scope, expansion, limit }) {
      runs.require(lease);
      return expandListed(tenants.for(scope), expansion, limit);
    },

    async enqueueKeys({ lease, scope, record, feed, after, limit, seenOnly }) {
      runs.require(lease);
      const tenant = tenants.for(scope);
      const entities = tenant.entities(feed);
      const listed = tenant.listed(record, feed);
      let left = limit;
      let last: string | null = null;
      for (const id of seenOnly ? seen.above(lease.runId, feed, after) : entities.idsAbove(after)) {
        if (left === 0) break;
        if (!entities.has(id)) continue;
        listed.add(id);
        last = id;
        left -= 1;
      }
      return last;
    },

    async saveRunPlace({ lease, work, place }) {
      runs.require(lease);
      places.keep(lease.runId, work, place);
    },

    async forgetSeenIds({ lease, feed }) {
      runs.require(lease);
      seen.forgetFeed(lease.runId, feed);
    },

    async requeueKeys({ lease, scope, record, feed, ids }) {
      runs.require(lease);
      const listed = tenants.for(scope).listed(record, feed);
      for (const id of ids) listed.add(id);
    },

    async claimKeys({ lease, scope, record, feed, seenOnly, ...bounds }) {
      const owner = runs.require(lease);
      const tenant = tenants.for(scope);
      const keys = tenant
        .listed(record, feed)
        .claim(owner, bounds, (id) => !seenOnly || seen.has(lease.runId, feed, id));
      const delivered = tenant.delivered(record);
      const least = minRevision(clock);
      return keys.map((key) => ({ ...key, revision: delivered.nextRevision(key.id, least) }));
    },

    async stageBatch({ lease, scope, batch, feed, ids }) {
      const owner = runs.require(lease);
      const tenant = tenants.for(scope);
      if (!tenant.batches.has(batch.id)) tenant.batches.set(batch.id, { ...batch });
      for (const id of ids) tenant.listed(batch.record, feed).hold(owner, id);
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
          if (!staysPending(item)) tenant.listed(record, feed).settle(item);
          tenant.delivered(record).settle(item);
          if (item.outcome === "rejected") rejections.keep(lease, scope, item.rejection);
          if (isGood(item)) rejections.clear(scope, feed, item.id, ["record", "sink"]);
        }
        if (batchId !== null) tenant.batches.delete(batchId);
        const records = runs.find(lease.runId)?.records;
        const figures = addRecordFigures(records?.[record] ?? noRecordFigures, settlement.figures);
        runs.update(lease.runId, { records: { ...records, [record]: figures } });
      } finally {
        transaction.rollback();
      }
    },

    async findRunPlaces({ scope, runId }) {
      const run = runs.find(runId);
      return run !== null && isSameScope(run.scope, scope) ? places.of(runId) : new Map();
    },
    findCursors: async (scope) => structuredClone(tenants.read(scope).cursors),
    async findEntities({ scope, feed, ids }) {
      const stored = tenants.read(scope).entities(feed);
      return [...new Set(ids)].flatMap((id) => rowsOf(stored.get(id)).map(toLandedEntity));
    },
    async findEntitiesByLink({ scope, feed, link, ids }) {
      const stored = tenants.read(scope).entities(feed);
      return [...new Set(ids)].flatMap((id) =>
        [...stored.referringTo(link, id)]
          .map(([, row]) => row)
          .filter((row) => !row.removed)
          .map(toLandedEntity),
      );
    },
    async findDeliveredRecords({ scope, record, ids }) {
      const stored = tenants.read(scope).delivered(record);
      return [...new Set(ids)].flatMap((id) => rowsOf(stored.get(id)).map(toDeliveredRecord));
    },
    listStagedBatches: async (scope) => [...tenants.read(scope).batches.values()],

    findRun: async (id) => runs.find(id),
    findCurrentRun: async (credentialId) => runs.findCurrent(credentialId),
    listRuns: async (filter, page) => listRuns(runs.journal, filter, page),
    runMetrics: async (filter) => measureRuns(runs.journal, filter),
    dailyRunMetrics: async (params) => measureDays(runs.journal, params),
    countRejections: async (filter) => rejections.count(filter),
    listRejections: async (filter, page) => rejections.list(filter, page),
    listRecords: async (params, page) => listRecords(tenants.inOrder(), params, page),
  };
}

/** What one landing adds to the run's figures. */
function figuresOf(
  { endsPage, entities, rejections, repeated, suppressed = [] }: LandParams,
  result: LandResult,
): FeedFigures {
  return {
    pages: endsPage ? 1 : 0,
    read: entities.length + rejections.length + repeated + suppressed.length,
    landed: result.landed,
    unchanged: result.unchanged,
    superseded: result.superseded + repeated,
    suppressed: suppressed.length,
    rejected: rejections.length,
  };
}

/** Whether what was wrong with the record before is over: also where there is no record any more. */
function isGood({ outcome }: SettledItem): boolean {
  return outcome !== "rejected";
}

function staysPending(item: SettledItem): boolean {
  return item.outcome === "rejected" && item.staysPending === true;
}

function rowsOf<Row>(row: Row | null): readonly Row[] {
  return row === null ? [] : [row];
}
