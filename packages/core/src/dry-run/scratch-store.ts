import type { FeedName } from "../feeds/feed.js";
import { rowOf } from "../json/page-row.js";
import { compareIds } from "../memory/compare-ids.js";
import { memoryDeliveryStore } from "../memory/delivery-store.js";
import { memoryEntityStore } from "../memory/entity-store.js";
import { memoryLandingStore } from "../memory/landing-store.js";
import { memoryRunStore } from "../memory/run-store.js";
import { createSyncTables, type SyncTables } from "../memory/sync-tables.js";
import { memoryWorkQueue } from "../memory/work-queue.js";
import type { Clock } from "../ports/clock.js";
import type { DeliveredRecord } from "../ports/delivery-store.js";
import type { LandedEntity } from "../ports/entity-store.js";
import type { Storage } from "../ports/storage.js";
import type { TenantScope } from "../ports/tenant.js";
import { checkRows, toEntity } from "../quality/structure-check.js";
import type { CustomColumns } from "../records/custom-columns.js";
import { feedOf, type RecordCatalog } from "../records/definitions/catalog.js";
import type { RecordType } from "../records/record.js";
import { shownFieldsOf } from "../records/shown-fields.js";
import type { RunStorage } from "../sync/run/run-context.js";
import { createDiffCollector, type DryRunDiff } from "./dry-run-diff.js";

/** Ids requested at once. */
const step = 2000;

export interface ScratchStore extends RunStorage, Pick<Storage, "beginRun"> {
  /** What has been settled so far, compared with what the real storage contains. */
  diff(): DryRunDiff;
}

/**
 * A store for one dry run. It shows what the real storage holds, keeps what the run writes in memory, and
 * writes nothing: it is thrown away with the run. It holds every row that the run lands.
 *
 * @param columns - That the company fills or adds: changes of other fields touch no record.
 */
export function createScratchStore(
  catalog: RecordCatalog,
  real: Storage,
  clock: Clock,
  columns: CustomColumns,
): ScratchStore {
  const tables = createSyncTables(clock);
  const scratch = {
    ...memoryRunStore(tables),
    ...memoryLandingStore(tables),
    ...memoryEntityStore(tables),
    ...memoryWorkQueue(tables),
    ...memoryDeliveryStore(tables),
  };
  const copies = createCopies(catalog, real, tables, columns);
  const collector = createDiffCollector(real);

  async function delivered(
    params: Parameters<Storage["findDeliveredRecords"]>[0],
  ): Promise<readonly DeliveredRecord[]> {
    const own = await scratch.findDeliveredRecords(params);
    const known = new Set(own.map((record) => record.id));
    const others = params.ids.filter((id) => !known.has(id));
    return others.length === 0
      ? own
      : [...own, ...(await real.findDeliveredRecords({ ...params, ids: others }))];
  }

  return {
    // No sink shares a transaction with it.
    database: null,
    beginRun: scratch.beginRun,
    renewLease: scratch.renewLease,
    endRun: scratch.endRun,
    saveRunPlace: scratch.saveRunPlace,
    findRunPlaces: scratch.findRunPlaces,
    forgetSeenIds: scratch.forgetSeenIds,
    diff: collector.diff,

    async landRows(params) {
      const ids = params.entities.map((entity) => entity.id);
      await copies.entities(params.scope, params.feed, ids);
      return await scratch.landRows(params);
    },

    async sweepFeed(params) {
      // What the run has seen is already here: only what it has not seen is fetched.
      await copies.allEntities(params.scope, params.feed);
      return await scratch.sweepFeed(params);
    },

    async enqueueKeys(params) {
      const { scope, record, feed, after, limit, seenOnly } = params;
      if (seenOnly) return await scratch.enqueueKeys(params);
      tables.runs.require(params.lease);
      const theirs = await real.listEntityIds({ scope, feed, after, limit });
      const tenant = tables.tenants.for(scope);
      const own: string[] = [];
      for (const id of tenant.entities(feed).idsAbove(after)) if (own.push(id) === limit) break;
      const ids = [...new Set([...theirs.map((row) => row.id), ...own])].sort(compareIds).slice(0, limit);
      for (const id of ids) tenant.pending(record, feed).add(id);
      return ids.at(-1) ?? null;
    },

    async expandKeys(params) {
      const { scope, expansion } = params;
      await copies.pendingKeys(scope, expansion.record, expansion.feed);
      await copies.children(scope, expansion);
      return await scratch.expandKeys(params);
    },

    async countPendingIds({ scope, record, feed }) {
      await copies.pendingKeys(scope, record, feed);
      return tables.tenants.for(scope).pending(record, feed).size;
    },

    async requeueKeys(params) {
      await copies.pendingKeys(params.scope, params.record, params.feed);
      await scratch.requeueKeys(params);
    },

    async claimKeys(params) {
      await copies.pendingKeys(params.scope, params.record, params.feed);
      return await scratch.claimKeys(params);
    },

    // Nothing outlives the run, and no sink fails: no batch is ever sent again.
    stageBatch: async ({ lease }) => void tables.runs.require(lease),

    async settleKeys(params) {
      const { settlement: given, scope, record, feed } = params;
      const settlement = typeof given === "function" ? await given(null, (work) => work()) : given;
      const ids = settlement.items.map((item) => item.id);
      await collector.record(
        { scope, record, feed },
        settlement.items,
        await delivered({ scope, record, ids }),
      );
      // The texts are not needed again.
      const items = settlement.items.map((item) =>
        item.outcome === "upserted" ? { ...item, record: "" } : item,
      );
      await scratch.settleKeys({ ...params, settlement: { ...settlement, items } });
    },

    async findCursors(scope) {
      return new Map([...(await real.findCursors(scope)), ...(await scratch.findCursors(scope))]);
    },

    async findEntities(params) {
      const own = await scratch.findEntities(params);
      const known = new Set(own.map((row) => row.id));
      const others = params.ids.filter((id) => !known.has(id));
      return others.length === 0 ? own : [...own, ...(await real.findEntities({ ...params, ids: others }))];
    },

    async findEntitiesByLink(params) {
      const theirs = await real.findEntitiesByLink(params);
      // Only then: rows copied meanwhile would be in neither.
      const own = await scratch.findEntitiesByLink(params);
      const known = tables.tenants.for(params.scope).entities(params.feed);
      return [...own, ...theirs.filter((row) => !known.has(row.id))];
    },

    async findEntitySizes(params) {
      const own = await scratch.findEntitySizes(params);
      const known = new Set(own.map((row) => row.id));
      const others = params.ids.filter((id) => !known.has(id));
      return others.length === 0
        ? own
        : [...own, ...(await real.findEntitySizes({ ...params, ids: others }))];
    },

    async findEntitySizesByLink(params) {
      const theirs = await real.findEntitySizesByLink(params);
      const own = await scratch.findEntitySizesByLink(params);
      const known = tables.tenants.for(params.scope).entities(params.feed);
      return [...own, ...theirs.filter((row) => !known.has(row.id))];
    },

    findDeliveredRecords: delivered,
    listStagedBatches: (scope) => real.listStagedBatches(scope),
    listRejections: (filter, page) => real.listRejections(filter, page),
    listRuns: (filter, page) => real.listRuns(filter, page),
  };
}

/** Copies rows of the real storage into the tables if a verb has to see both as one. */
function createCopies(
  catalog: RecordCatalog,
  real: Storage,
  { tenants }: SyncTables,
  columns: CustomColumns,
) {
  const copiedQueues = new Set<string>();
  const copiedChildren = new Set<string>();

  function keep(scope: TenantScope, name: FeedName, rows: readonly LandedEntity[]): void {
    const feed = feedOf(catalog, name);
    const known = tenants.for(scope).entities(name);
    for (const { id, payload, removed } of rows) {
      if (known.has(id)) continue;
      const [sound] = checkRows(feed, [rowOf(payload)]).sound;
      if (sound === undefined) continue;
      // The source and time of the row are unknown: nearly all rows come from an export in the end, and
      // long ago.
      known.land(toEntity(sound, shownFieldsOf(catalog, feed, columns)), { source: feed.reader, now: 0 });
      const row = known.get(id);
      if (removed && row !== null) known.markRemoved(row);
    }
  }

  async function entities(scope: TenantScope, feed: FeedName, ids: readonly string[]): Promise<void> {
    const known = tenants.for(scope).entities(feed);
    const missing = ids.filter((id) => !known.has(id));
    if (missing.length > 0) keep(scope, feed, await real.findEntities({ scope, feed, ids: missing }));
  }

  return {
    entities,

    async allEntities(scope: TenantScope, feed: FeedName): Promise<void> {
      for (let after: string | null = null; ; ) {
        const rows: Awaited<ReturnType<Storage["listEntityIds"]>> = await real.listEntityIds({
          scope,
          feed,
          after,
          limit: step,
        });
        await entities(
          scope,
          feed,
          rows.map((row) => row.id),
        );
        after = rows.at(-1)?.id ?? null;
        if (after === null) return;
      }
    },

    /** The keys that earlier runs left pending. Read once: from then on the queue belongs to the run. */
    async pendingKeys(scope: TenantScope, record: RecordType, feed: FeedName): Promise<void> {
      const key = `${record} ${feed}`;
      if (copiedQueues.has(key)) return;
      copiedQueues.add(key);
      const pending = tenants.for(scope).pending(record, feed);
      for (let after: string | null = null; ; ) {
        const ids: readonly string[] = await real.listPendingIds({ scope, record, feed, after, limit: step });
        for (const id of ids) pending.add(id);
        after = ids.at(-1) ?? null;
        if (after === null) return;
      }
    },

    /** The entities that queued ones lead to. */
    async children(
      scope: TenantScope,
      { record, feed, child, childLink }: Parameters<Storage["expandKeys"]>[0]["expansion"],
    ): Promise<void> {
      const keyOf = (id: string): string => `${child} ${childLink} ${id}`;
      const listed = [...tenants.for(scope).pending(record, feed).above(null)].map(([id]) => id);
      const ids = listed.filter((id) => !copiedChildren.has(keyOf(id)));
      for (let start = 0; start < ids.length; start += step) {
        const part = ids.slice(start, start + step);
        keep(scope, child, await real.findEntitiesByLink({ scope, feed: child, link: childLink, ids: part }));
        for (const id of part) copiedChildren.add(keyOf(id));
      }
    },
  };
}
