import {
  type HostRecord,
  type KnownRecordType,
  type RecordType,
  recordColumns,
  SinkError,
} from "@titan-sync/core";
import type { TableName } from "../database/tables.js";

/** Which record it is, in each of our stream tables. */
export const identityColumns = ["tenant", "environment", "source_tenant", "source_id"] as const;

interface Stream {
  readonly table: TableName;
  readonly columns: readonly string[];
}

/** The table that a record type goes to, and its columns besides the identity and the revision. */
const streams: Readonly<Record<KnownRecordType, Stream>> = {
  member: { table: "members_stream", columns: columnsOf("member") },
  invoice: { table: "invoices_stream", columns: columnsOf("invoice") },
};

/** The company, a record's `tenant`, is part of the identity. */
function columnsOf(record: KnownRecordType): readonly string[] {
  return recordColumns[record].filter((column) => column !== "tenant");
}

/** The record types that have a stream table. */
export const streamTypes: readonly RecordType[] = Object.keys(streams);

/** The table that a record type goes to. @throws `SinkError` for a host's own type, which has none. */
export function streamOf(record: RecordType): Stream {
  if (record === "member" || record === "invoice") return streams[record];
  throw new SinkError(`There is no stream table for ${record} records.`, {
    hint: "postgresSink takes members and invoices only; name your own table for postgresAppendSink.",
  });
}

/** Columns that are not texts. */
const otherTypes: Readonly<Record<string, string>> = {
  id: "bigint",
  revision: "bigint",
  hub_plus_import_id: "int",
  total: "numeric",
};

/** What the values of a column are cast to. */
export function typeOf(column: string): string {
  return otherTypes[column] ?? "text";
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
