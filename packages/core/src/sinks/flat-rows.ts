import type { BatchItem, RecordBatch } from "../ports/record-sink.js";
import { recordColumns } from "../records/column-names.js";
import { addedColumns } from "../records/record-content.js";

/** What says of a row whose it is, what became of it, and which of two is newer. */
export const rowKeys = ["op", "source_id", "source_tenant", "environment", "revision"] as const;

export type FlatValue = string | number | null;

/** The columns of a batch's rows: the keys, the record's columns, and those that the company's mapping adds. */
export function columnsOf({ record, items }: RecordBatch): readonly string[] {
  const added = new Set<string>();
  for (const item of items) {
    if (item.op === "upsert") for (const [name] of addedColumns(item.record)) added.add(name);
  }
  return [...rowKeys, ...recordColumns[record], ...[...added].sort()];
}

/** One change as a row. A removal has its keys only. */
export function flatRow({ scope }: RecordBatch, item: BatchItem): Readonly<Record<string, FlatValue>> {
  return {
    ...(item.op === "upsert" ? item.record : {}),
    op: item.op,
    source_id: item.key,
    source_tenant: scope.tenantId,
    environment: scope.environment,
    revision: item.revision,
  };
}
