import type { KnownRecordType, TitanSync } from "@titan-sync/core";
import { formatTable } from "../output/table.js";

/** The columns that fit a terminal and tell most. */
const shownColumns: Readonly<Record<KnownRecordType, readonly string[]>> = {
  member: [
    "customer_name",
    "customer_phone_number_primary",
    "street",
    "city",
    "state",
    "membership_type",
    "current_status",
  ],
  invoice: ["invoice_number", "customer_name", "job_type", "zone", "total", "first_appointment", "summary"],
};

/** A few current records of one type, as a table. */
export async function sampleRecords(
  records: TitanSync["records"],
  record: KnownRecordType,
  count: number,
): Promise<string> {
  const { items } = await records.list({ record }, { limit: count });
  const columns = shownColumns[record];
  const rows = items.map((item) => {
    const values = JSON.parse(item.record) as Readonly<Record<string, string | null>>;
    return columns.map((column) => values[column] ?? "–");
  });
  return formatTable(columns, rows, { maxCellWidth: 26 });
}
