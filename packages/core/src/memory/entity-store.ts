import type { EntitySize, EntityStore } from "../ports/entity-store.js";
import { type EntityRow, toLandedEntity } from "./feed-entities.js";
import { take } from "./paging.js";
import type { SyncTables } from "./sync-tables.js";

/** Finds, measures and counts landed entities. */
export function memoryEntityStore({ tenants }: Pick<SyncTables, "tenants">): EntityStore {
  type Of = Pick<Parameters<EntityStore["findEntities"]>[0], "scope" | "feed">;
  const byId = ({ scope, feed }: Of, ids: readonly string[]): readonly EntityRow[] => {
    const stored = tenants.read(scope).entities(feed);
    return [...new Set(ids)].map((id) => stored.get(id)).filter((row) => row !== null);
  };
  /** Without removed ones. */
  const byLink = ({ scope, feed }: Of, link: string, ids: readonly string[]): readonly EntityRow[] => {
    const stored = tenants.read(scope).entities(feed);
    return [...new Set(ids)]
      .flatMap((id) => [...stored.referringTo(link, id)].map(([, row]) => row))
      .filter((row) => !row.removed);
  };

  return {
    findEntities: async (params) => byId(params, params.ids).map(toLandedEntity),
    findEntitiesByLink: async (params) => byLink(params, params.link, params.ids).map(toLandedEntity),
    findEntitySizes: async (params) => byId(params, params.ids).map(sizeOf),
    findEntitySizesByLink: async (params) => byLink(params, params.link, params.ids).map(sizeOf),

    async listEntityIds({ scope, feed, after, limit }) {
      const rows = tenants.read(scope).entities(feed).above(after);
      return take(rows, limit).map(([id, { removed }]) => ({ id, removed }));
    },

    async countEntities({ scope, feed, after, limit, since }) {
      const rows = take(tenants.read(scope).entities(feed).above(after), limit).map(([, row]) => row);
      const removed = rows.filter((row) => row.removed).length;
      return {
        live: rows.length - removed,
        removed,
        landedSince: rows.filter((row) => row.landedAt >= since).length,
        last: rows.at(-1)?.id ?? null,
      };
    },

    hasLandedData: async (scope) => tenants.read(scope).hasEntities,
  };
}

function sizeOf({ id, payload, links }: EntityRow): EntitySize {
  return { id, bytes: Buffer.byteLength(payload), links: { ...links } };
}
