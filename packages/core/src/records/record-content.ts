import { hash } from "node:crypto";
import { invoiceColumns, memberColumns } from "./column-names.js";
import type { HostRecord, InvoiceRecord, MemberRecord } from "./record.js";

/** Columns that say by which run or import a record came, not what it says. */
const deliveryColumns: readonly string[] = ["version", "hub_plus_import_id"];
const memberContent = memberColumns.filter((column) => !deliveryColumns.includes(column));
const invoiceContent = invoiceColumns.filter((column) => !deliveryColumns.includes(column));

/**
 * The canonical text of what a record says: equal for two records of one type exactly when all columns but
 * `version` and `hub_plus_import_id` are equal, in whatever order the record's properties stand.
 */
export function contentOf(record: HostRecord): string {
  return JSON.stringify(
    isInvoice(record)
      ? invoiceContent.map((column) => record[column])
      : memberContent.map((column) => record[column]),
  );
}

/** SHA-256 of {@link contentOf}, base64url. */
export function recordHash(record: HostRecord): string {
  return hash("sha256", contentOf(record), "base64url");
}

function isInvoice(record: MemberRecord | InvoiceRecord): record is InvoiceRecord {
  return "invoice_number" in record;
}
