import type { AuditEntry, AuditLog, StoredAuditEntry } from "../ports/audit-log.js";
import type { Clock } from "../ports/clock.js";
import type { PruneStep } from "../ports/retention-store.js";
import { Journal } from "./journal.js";

/** An audit log that can be pruned. */
export interface MemoryAuditLog extends AuditLog {
  append(entry: AuditEntry): void;
  /** Deletes the oldest entries from before the time and returns how many that were. */
  prune(step: PruneStep): number;
}

export function memoryAuditLog(clock: Clock): MemoryAuditLog {
  const entries = new Journal<StoredAuditEntry>("audit");
  let lastId = 0;
  function append(entry: AuditEntry): void {
    lastId += 1;
    const id = String(lastId);
    entries.append(id, { ...structuredClone(entry), id, at: clock.now() });
  }
  return {
    append,
    appendAudit: async (entry) => append(entry),
    listAudit: async (filter, page) =>
      entries.page(
        ({ companyId }) =>
          (filter.companyId === undefined || companyId === filter.companyId) &&
          (filter.companyIds === undefined || filter.companyIds.includes(companyId)),
        page,
      ),
    prune: ({ before, limit }) => entries.deleteWhere((entry) => entry.at < before, limit),
  };
}
