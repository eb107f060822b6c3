import type { WorkView } from "../ports/work-view.js";
import type { Tenants } from "./tenant-data.js";

/** A look at what is landed, listed and delivered. */
export function memoryWorkView(tenants: Tenants): WorkView {
  return {
    async listEntityIds({ scope, feed, after, limit }) {
      const rows = tenants.read(scope).entities(feed).above(after);
      return take(rows, limit).map(([id, { removed }]) => ({ id, removed }));
    },
    async listPendingIds({ scope, record, feed, after, limit }) {
      return take(tenants.read(scope).listed(record, feed).above(after), limit).map(([id]) => id);
    },
    countPendingIds: async ({ scope, record, feed }) => tenants.read(scope).listed(record, feed).size,
    async findCurrentRecords({ scope, record: type, ids }) {
      const delivered = tenants.read(scope).delivered(type);
      return [...new Set(ids)].flatMap((id) => {
        const record = delivered.get(id)?.record ?? null;
        return record === null ? [] : [{ scope, id, record }];
      });
    },
  };
}

function take<Item>(items: Iterable<Item>, limit: number): readonly Item[] {
  const taken: Item[] = [];
  for (const item of items) {
    if (taken.length === limit) break;
    taken.push(item);
  }
  return taken;
}
