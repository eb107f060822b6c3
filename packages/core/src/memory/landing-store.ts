import { addFeedFigures, landingFigures, noFeedFigures } from "../ledger/figures.js";
import type { LandingStore } from "../ports/landing-store.js";
import { landEntities } from "./land.js";
import { sweepAbsent } from "./sweep.js";
import type { SyncTables } from "./sync-tables.js";

/** Lands what feeds give. */
export function memoryLandingStore({ clock, tenants, seen, rejections, runs }: SyncTables): LandingStore {
  return {
    async landRows(params) {
      const { lease, scope, feed, cursor, suppressed = [] } = params;
      runs.require(lease);
      const tenant = tenants.for(scope);
      const result = landEntities(tenant, rejections, params, {
        now: clock.now(),
        isSeen: (id) => seen.has(lease.runId, feed, id),
      });
      for (const rejection of params.rejections) rejections.keep(lease, scope, rejection);
      for (const id of suppressed) rejections.clear(scope, feed, id, ["structure"]);
      if (cursor !== null) tenant.cursors.set(feed, structuredClone(cursor));
      if (params.markSeen) {
        const landed = params.entities.map((entity) => entity.id);
        const rejected = params.rejections.map((rejection) => rejection.entityId);
        seen.mark(lease.runId, feed, [...landed, ...rejected, ...suppressed]);
      }
      const feeds = runs.find(lease.runId)?.feeds;
      const figures = addFeedFigures(feeds?.[feed] ?? noFeedFigures, landingFigures(params, result));
      runs.update(lease.runId, { feeds: { ...feeds, [feed]: figures }, lastFeed: feed });
      return result;
    },

    async sweepFeed(params) {
      const { lease, scope, feed } = params;
      runs.require(lease);
      return sweepAbsent(tenants.for(scope), rejections, params, (id) => seen.has(lease.runId, feed, id));
    },

    async forgetSeenIds({ lease, feed }) {
      runs.require(lease);
      seen.forgetFeed(lease.runId, feed);
    },

    findCursors: async (scope) => structuredClone(tenants.read(scope).cursors),
  };
}
