import type { EntitySize, EntitySizes } from "../ports/entity-sizes.js";
import type { EntityRow } from "./feed-entities.js";
import type { Tenants } from "./tenant-data.js";

/** How large landed entities are. */
export function memoryEntitySizes(tenants: Tenants): EntitySizes {
  return {
    async findEntitySizes({ scope, feed, ids }) {
      const stored = tenants.read(scope).entities(feed);
      return [...new Set(ids)].flatMap((id) => {
        const row = stored.get(id);
        return row === null ? [] : [sizeOf(row)];
      });
    },
    async findEntitySizesByLink({ scope, feed, link, ids }) {
      const stored = tenants.read(scope).entities(feed);
      return [...new Set(ids)].flatMap((id) =>
        [...stored.referringTo(link, id)].flatMap(([, row]) => (row.removed ? [] : [sizeOf(row)])),
      );
    },
  };
}

function sizeOf({ id, payload, links }: EntityRow): EntitySize {
  return { id, bytes: Buffer.byteLength(payload), links: { ...links } };
}
