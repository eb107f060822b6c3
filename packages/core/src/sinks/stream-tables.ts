import { SinkError } from "../errors.js";
import { recordColumns } from "../records/column-names.js";
import type { HostRecord, KnownRecordType, RecordType } from "../records/record.js";

/** A table of ours that a sink writes records to. */
export interface StreamTable {
  readonly table: "members_stream" | "invoices_stream";
  /** Besides the identity, which has the company in it, and the revision. */
  readonly columns: readonly string[];
}

/** The tables of the sinks that bring tables of their own. */
const streams: Readonly<Record<KnownRecordType, StreamTable>> = {
  member: { table: "members_stream", columns: columnsOf("member") },
  invoice: { table: "invoices_stream", columns: columnsOf("invoice") },
};

function columnsOf(record: KnownRecordType): readonly string[] {
  return recordColumns[record].filter((column) => column !== "tenant");
}

/** The record types that have a stream table. */
export const streamTypes: readonly RecordType[] = Object.keys(streams);

/** The table that a record type goes to. @throws `SinkError` for a host's own type, which has none. */
export function streamOf(record: RecordType): StreamTable {
  if (record === "member" || record === "invoice") return streams[record];
  throw new SinkError(`There is no stream table for ${record} records.`, {
    hint: "Stream tables hold members and invoices only: give these records to another sink.",
  });
}

const largestInteger = 2 ** 31 - 1;

/** Why no table of records can hold one, naming the column; `null` when it can. */
export function reasonAgainst(record: HostRecord): string | null {
  for (const column in record) {
    const value: unknown = record[column as keyof HostRecord];
    if (typeof value === "string" && value.includes("\0")) return `${column} contains a NUL character`;
  }
  const { hub_plus_import_id: importId } = record as { readonly hub_plus_import_id?: unknown };
  if (importId !== null && importId !== undefined && !isInteger(importId)) {
    return "hub_plus_import_id is not an integer of 32 bits";
  }
  const total = "total" in record ? record.total : null;
  return total !== null && total !== undefined && !/^-?\d+(?:\.\d+)?$/.test(String(total))
    ? "total is not a number"
    : null;
}

function isInteger(value: unknown): boolean {
  return typeof value === "number" && Number.isInteger(value) && Math.abs(value) <= largestInteger;
}
