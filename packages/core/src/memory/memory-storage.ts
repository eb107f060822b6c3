import { systemClock } from "../http/system-clock.js";
import type { Clock } from "../ports/clock.js";
import type { Storage } from "../ports/storage.js";
import type { FeedFigures } from "../ports/sync-run.js";
import type { LandParams, LandResult, SettledItem } from "../ports/sync-store.js";
import { memoryAuditLog } from "./audit-table.js";
import { memoryCompanies } from "./company-table.js";
import { memoryCredentials } from "./credential-table.js";
import { toDeliveredRecord } from "./delivered-records.js";
import { expandListed } from "./expand.js";
import { toLandedEntity } from "./feed-entities.js";
import { landEntities } from "./land.js";
import { listRecords } from "./list-records.js";
import { MemoryTransaction } from "./memory-transaction.js";
import { RejectionTable } from "./rejection-table.js";
import { addFeedFigures, addRecordFigures } from "./run-figures.js";
import { listRuns, measureRuns, pruneRuns } from "./run-history.js";
import { RunTable } from "./run-table.js";
import { isSameScope } from "./scope-key.js";
import { SeenIds } from "./seen-ids.js";
import { sweepAbsent } from "./sweep.js";
import { Tenants } from "./tenant-data.js";

export interface MemoryStorageOptions {
  /** Tells the time to leases, runs and everything else. @defaultValue the machine's */
  readonly clock?: Clock | undefined;
}

/**
 * Keeps everything in this process's memory, for trials and tests: it is gone when the process ends. It makes
 * the same promises as a database. Each verb does its work without waiting in between, so that nothing is
 * ever half done.
 *
 * @example
 * const storage = memoryStorage();
 * const titan = createTitanSync({ storage, keys, sink: memorySink({ storage }) });
 */
export function memoryStorage({ clock = systemClock }: MemoryStorageOptions = {}): Storage {
  const tenants = new Tenants();
  const seen = new SeenIds();
  const rejections = new RejectionTable(clock);
  const runs = new RunTable(clock, (run) => seen.forget(run.id));
  const { find: findCredential, remove, noteSync, ...credentials } = memoryCredentials(clock);
  const { prune: pruneAudit, ...audit } = memoryAuditLog(clock);

  return {
    ...credentials,
    ...memoryCompanies(),
    ...audit,
    database: {},
    close: async () => undefined,

    async removeCredential({ id, withData }) {
      const credential = findCredential(id);
      if (credential === null) return false;
      runs.requireNoLiveOwner(id);
      remove(id);
      if (withData) {
        const { companyId, environment, tenantId } = credential;
        const scope = { companyId, environment, tenantId };
        tenants.forget(scope);
        rejections.forget(scope);
        runs.forget((run) => run.credentialId === id || isSameScope(run.scope, scope));
      }
      return true;
    },
    hasLandedData: async (scope) => tenants.read(scope).hasEntities,

    begin: async (params) => runs.begin(params),
    heartbeat: async ({ lease, leaseMs }) => runs.heartbeat(lease, leaseMs),
    async end(params) {
      const run = runs.end(params);
      noteSync(run.credentialId);
      return run;
    },

    async land(params) {
      const { lease, scope, feed, cursor } = params;
      runs.require(lease);
      const tenant = tenants.for(scope);
      const result = landEntities(tenant, rejections, params);
      for (const rejection of params.rejections) rejections.keep(lease, scope, rejection);
      if (cursor !== null) tenant.cursors.set(feed, structuredClone(cursor));
      if (params.noteSeen) {
        seen.note(
          lease.runId,
          feed,
          params.entities.map((entity) => entity.id),
        );
        seen.note(
          lease.runId,
          feed,
          params.rejections.map((rejection) => rejection.entityId),
        );
      }
      const feeds = runs.find(lease.runId)?.feeds;
      const figures = addFeedFigures(feeds?.[feed], figuresOf(params, result));
      runs.update(lease.runId, { feeds: { ...feeds, [feed]: figures } });
      return result;
    },

    async sweep({ lease, scope, ...params }) {
      runs.require(lease);
      return sweepAbsent(tenants.for(scope), params, (id) => seen.has(lease.runId, params.feed, id));
    },

    async expand({ lease, scope, expansion, limit }) {
      runs.require(lease);
      return expandListed(tenants.for(scope), expansion, limit);
    },

    async enlist({ lease, scope, record, feed, after, limit, seenOnly }) {
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

    async claim({ lease, scope, record, feed, limit, seenOnly }) {
      const owner = runs.require(lease);
      return tenants
        .for(scope)
        .listed(record, feed)
        .claim(owner, limit, (id) => !seenOnly || seen.has(lease.runId, feed, id));
    },

    async stage({ lease, scope, batch }) {
      runs.require(lease);
      const { batches } = tenants.for(scope);
      if (!batches.has(batch.id)) batches.set(batch.id, { ...batch });
    },

    async settle({ lease, scope, record, feed, batchId, settlement: given }) {
      runs.require(lease);
      const transaction = new MemoryTransaction();
      try {
        const settlement = typeof given === "function" ? await given(transaction) : given;
        // Time has passed: the run may have another owner by now.
        runs.require(lease);
        transaction.commit();
        const tenant = tenants.for(scope);
        for (const item of settlement.items) {
          tenant.listed(record, feed).settle(item);
          tenant.delivered(record).settle(item);
          if (item.outcome === "rejected") rejections.keep(lease, scope, item.rejection);
          if (isGood(item)) rejections.clear(scope, feed, item.id, ["record", "sink"]);
        }
        if (batchId !== null) tenant.batches.delete(batchId);
        const records = runs.find(lease.runId)?.records;
        const figures = addRecordFigures(records?.[record], settlement.figures);
        runs.update(lease.runId, { records: { ...records, [record]: figures } });
      } finally {
        transaction.rollback();
      }
    },

    cursors: async (scope) => structuredClone(tenants.read(scope).cursors),
    async entities({ scope, feed, ids }) {
      const stored = tenants.read(scope).entities(feed);
      return [...new Set(ids)].flatMap((id) => rowsOf(stored.get(id)).map(toLandedEntity));
    },
    async entitiesByLink({ scope, feed, link, ids }) {
      const stored = tenants.read(scope).entities(feed);
      return [...new Set(ids)].flatMap((id) =>
        [...stored.referringTo(link, id)]
          .map(([, row]) => row)
          .filter((row) => !row.removed)
          .map(toLandedEntity),
      );
    },
    async delivered({ scope, record, ids }) {
      const stored = tenants.read(scope).delivered(record);
      return [...new Set(ids)].flatMap((id) => rowsOf(stored.get(id)).map(toDeliveredRecord));
    },
    storedBatches: async (scope) => [...tenants.read(scope).batches.values()],

    findRun: async (id) => runs.find(id),
    findCurrentRun: async (credentialId) => runs.findCurrent(credentialId),
    listRuns: async (filter, page) => listRuns(runs.journal, filter, page),
    measureRuns: async (filter) => measureRuns(runs.journal, filter),
    listRejections: async (filter, page) => rejections.list(filter, page),
    listRecords: async (params, page) => listRecords(tenants.inOrder(), params, page),

    prune: async (before) => ({
      runs: before.runs === undefined ? 0 : pruneRuns(runs.journal, before.runs),
      rejections: before.rejections === undefined ? 0 : rejections.prune(before.rejections),
      audit: before.audit === undefined ? 0 : pruneAudit(before.audit),
    }),
  };
}

/** What one landing adds to the run's figures. */
function figuresOf(
  { endsPage, entities, rejections, repeated }: LandParams,
  result: LandResult,
): FeedFigures {
  return {
    pages: endsPage ? 1 : 0,
    read: entities.length + rejections.length + repeated,
    landed: result.landed,
    unchanged: result.unchanged,
    superseded: result.superseded + repeated,
    rejected: rejections.length,
  };
}

/** Whether what was wrong with the record before is over. */
function isGood({ outcome }: SettledItem): boolean {
  return outcome === "upserted" || outcome === "unchanged" || outcome === "removed";
}

function rowsOf<Row>(row: Row | null): readonly Row[] {
  return row === null ? [] : [row];
}
