import { type Clock, memorySink, memoryStorage } from "@titan-sync/core";
import type { Row, Stores } from "./world.js";

/** Everything in this process's memory. */
export async function openMemoryStores(clock?: Clock): Promise<Stores> {
  const storage = memoryStorage({ clock });
  const sink = memorySink({ storage });
  return {
    storage,
    sink,
    totals: "decimal",
    async records(record, companyId) {
      const scope = sink.batches.find((batch) => batch.scope.companyId === companyId)?.scope;
      if (scope === undefined) return new Map();
      return new Map(
        [...sink.records(record, scope)].map(([id, { record: row }]): [string, Row] => {
          const { version: _, ...columns } = { version: null, ...row };
          return [id, columns];
        }),
      );
    },
    close: () => storage.close(),
  };
}
