import { hash } from "node:crypto";
import { invoiceColumns, memberColumns } from "./column-names.js";
import type { HostRecord, InvoiceRecord, MemberRecord } from "./record.js";

/** Columns that say by which run or import a record came, not what it says. */
const deliveryColumns: readonly string[] = ["version", "hub_plus_import_id"];
const memberContent = memberColumns.filter((column) => !deliveryColumns.includes(column));
const invoiceContent = invoiceColumns.filter((column) => !deliveryColumns.includes(column));

/**
 * The canonical text of what a record says: equal for two records of one type exactly when all columns but
 * `version` and `hub_plus_import_id` are equal, added ones included, in whatever order they stand.
 */
export function contentOf(record: HostRecord): string {
  const own: readonly unknown[] = isInvoice(record)
    ? invoiceContent.map((column) => record[column])
    : memberContent.map((column) => record[column]);
  const added = addedColumns(record);
  return JSON.stringify(added.length === 0 ? own : [...own, ...added]);
}

/** The columns that a company's mapping has added, by name, ascending. */
export function addedColumns(record: HostRecord): readonly (readonly [name: string, value: string | null])[] {
  const known: readonly string[] = isInvoice(record) ? invoiceColumns : memberColumns;
  if (Object.keys(record).length === known.length) return [];
  return Object.entries(record)
    .filter(([name]) => !known.includes(name))
    .sort(([one], [other]) => (one < other ? -1 : 1)) as [string, string | null][];
}

/** SHA-256 of {@link contentOf}, base64url. */
export function recordHash(record: HostRecord): string {
  return hash("sha256", contentOf(record), "base64url");
}

function isInvoice(record: MemberRecord | InvoiceRecord): record is InvoiceRecord {
  return "invoice_number" in record;
}
