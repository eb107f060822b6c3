import { memorySink, memoryStorage } from "@titan-sync/core";
import { describeSyncing } from "./sync-behaviour.js";
import type { Row } from "./world.js";

describeSyncing("memory", async () => {
  const storage = memoryStorage();
  const sink = memorySink({ storage });
  return {
    storage,
    sink,
    async records(record, companyId) {
      const rows = new Map<string, Row>();
      for (const { scope, record: type, items } of sink.batches) {
        if (scope.companyId !== companyId || type !== record) continue;
        for (const item of items) {
          if (item.op === "remove") rows.delete(item.key);
          else {
            const { version: _, ...row } = { version: null, ...item.record };
            rows.set(item.key, row);
          }
        }
      }
      return new Map([...rows].sort(([left], [right]) => Number(left) - Number(right)));
    },
    close: () => storage.close(),
  };
});
