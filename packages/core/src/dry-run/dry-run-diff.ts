import type { FeedName } from "../feeds/feed.js";
import type { DeliveredRecord, SettledItem } from "../ports/delivery-store.js";
import type { Storage } from "../ports/storage.js";
import type { TenantScope } from "../ports/tenant.js";
import type { HostRecord, RecordType } from "../records/record.js";

/** What would happen to a record. */
export type DryRunOperation = "insert" | "update" | "remove" | "reject";

/** One record that would change. It holds personal data: show it to those who may see that. */
export interface DryRunSample {
  readonly record: RecordType;
  /** The customer's or invoice's ServiceTitan id. */
  readonly key: string;
  readonly operation: DryRunOperation;
  /** As it was last delivered; `null` when it does not exist. */
  readonly before: HostRecord | null;
  /** As it would be delivered; `null` when it would not be. */
  readonly after: HostRecord | null;
  /** Names of the columns that would change in an update. */
  readonly changed: readonly string[];
  /** The rules that a rejected one breaks. */
  readonly rules: readonly string[];
}

/** What a run would have done to the records. */
export interface DryRunDiff {
  readonly insert: number;
  readonly update: number;
  /** Derived, and equal to what was delivered before. */
  readonly unchanged: number;
  readonly remove: number;
  readonly reject: number;
  /** At most ten for each operation and record type, those with the lowest ids first derived. */
  readonly samples: readonly DryRunSample[];
}

/** Collects a diff from what is settled. */
export interface DiffCollector {
  /** @param before - what was delivered of the items. */
  record(
    settled: { readonly scope: TenantScope; readonly record: RecordType; readonly feed: FeedName },
    items: readonly SettledItem[],
    before: readonly DeliveredRecord[],
  ): Promise<void>;
  diff(): DryRunDiff;
}

const maxSamples = 10;

/** @param store - where records are as they were before. */
export function createDiffCollector(store: Pick<Storage, "findCurrentRecords">): DiffCollector {
  const counts = { insert: 0, update: 0, unchanged: 0, remove: 0, reject: 0 };
  const samples: DryRunSample[] = [];
  const sampled = new Map<string, number>();

  /** Whether there is room for another one, which is then used. */
  function takeRoom(record: RecordType, operation: DryRunOperation): boolean {
    const key = `${record} ${operation}`;
    const taken = sampled.get(key) ?? 0;
    sampled.set(key, taken + 1);
    return taken < maxSamples;
  }

  return {
    async record({ scope, record }, items, delivered) {
      const there = new Set(delivered.filter((row) => !row.removed).map((row) => row.id));
      const picked: { readonly item: SettledItem; readonly operation: DryRunOperation }[] = [];
      for (const item of items) {
        const operation = operationOf(item, there);
        if (operation === null) continue;
        counts[operation] += 1;
        if (operation !== "unchanged" && takeRoom(record, operation)) picked.push({ item, operation });
      }
      if (picked.length === 0) return;
      const ids = picked.map(({ item }) => item.id);
      const current = await store.findCurrentRecords({ scope, record, ids });
      const before = new Map(current.map((row) => [row.id, JSON.parse(row.record) as HostRecord]));
      for (const { item, operation } of picked) {
        samples.push(toSample(record, item, operation, before.get(item.id) ?? null));
      }
    },
    diff: () => ({ ...counts, samples: [...samples] }),
  };
}

function operationOf(item: SettledItem, there: ReadonlySet<string>): DryRunOperation | "unchanged" | null {
  switch (item.outcome) {
    case "upserted":
      return there.has(item.id) ? "update" : "insert";
    case "removed":
      return "remove";
    case "rejected":
      return "reject";
    case "unchanged":
      return "unchanged";
    case "left-out":
      return null;
  }
}

function toSample(
  record: RecordType,
  item: SettledItem,
  operation: DryRunOperation,
  before: HostRecord | null,
): DryRunSample {
  const after = item.outcome === "upserted" ? (JSON.parse(item.record) as HostRecord) : null;
  return {
    record,
    key: item.id,
    operation,
    before,
    after,
    changed: before === null || after === null ? [] : changedColumns(before, after),
    rules: item.outcome === "rejected" ? item.rejection.rules : [],
  };
}

/** `version` differs with every run and does not count as a change. */
function changedColumns(before: HostRecord, after: HostRecord): readonly string[] {
  const old: ReadonlyMap<string, unknown> = new Map(Object.entries(before));
  return Object.entries(after).flatMap(([column, value]) =>
    column === "version" || JSON.stringify(value) === JSON.stringify(old.get(column)) ? [] : [column],
  );
}
