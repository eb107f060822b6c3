import type { BatchItem, RecordBatch } from "../ports/record-sink.js";
import { recordColumns } from "../records/column-names.js";
import type { KnownRecordType, RecordType } from "../records/record.js";
import { addedColumns } from "../records/record-content.js";

/** The columns that say whose row it is, what changed, and which of two rows is newer. */
export const rowKeys = ["op", "source_id", "source_tenant", "environment", "revision"] as const;

export type FlatValue = string | number | null;

/**
 * The columns of a batch's rows: the keys, the record's columns, and those that the company's mapping adds. Of a host's
 * own record type they are those that its records have, in their order.
 */
export function columnsOf({ record, items }: RecordBatch): readonly string[] {
  const records = items.flatMap((item) => (item.op === "upsert" ? [item.record] : []));
  const own = isKnown(record) ? recordColumns[record] : records.flatMap((each) => Object.keys(each));
  const added = new Set(records.flatMap((each) => addedColumns(each, own).map(([name]) => name)));
  return [...new Set([...rowKeys, ...own, ...[...added].sort()])];
}

function isKnown(record: RecordType): record is KnownRecordType {
  return Object.hasOwn(recordColumns, record);
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
