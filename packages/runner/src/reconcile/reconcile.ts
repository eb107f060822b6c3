import {
  comparableRow,
  compareRows,
  type Discrepancy,
  type Environment,
  ExactSum,
  eachItem,
  type KnownRecordType,
  type RawRow,
  readLayout,
  reportKeys,
  type TitanSync,
} from "@titan-sync/core";
import { UsageError } from "../program/usage-error.js";
import { Partitions } from "./partitions.js";

export interface ReconcileOptions {
  readonly records: TitanSync["records"];
  readonly record: KnownRecordType;
  readonly companyId: string;
  readonly environment?: Environment | undefined;
  /**
   * Whether a customer was erased and is suppressed: its rows in the report are counted separately.
   * @defaultValue nobody is
   */
  readonly isSuppressed?: ((customerId: string) => boolean) | undefined;
  /** The report's rows, header first. */
  readonly report: AsyncIterable<readonly string[]>;
  readonly signal: AbortSignal;
  /** Called with each discrepancy, in no particular order. */
  readonly onDiscrepancy: (discrepancy: Discrepancy) => Promise<void>;
}

/** How the delivered records and a report compare. */
export interface Reconciliation {
  /** Columns that the report has, and that were compared. */
  readonly columns: readonly string[];
  /** Headers of the report that belong to no column. */
  readonly unknownHeaders: readonly string[];
  readonly matched: number;
  readonly differing: number;
  readonly onlyHere: number;
  readonly onlyThere: number;
  /**
   * Rows of the report whose customer was erased and is suppressed. They were not compared, and are in no
   * sum. In a report of invoices they can only be recognized if it has the customer's id.
   */
  readonly suppressed: number;
  /** Rows of the report without the key, not counting empty rows. They were not compared. */
  readonly withoutKey: number;
  /** How many differing rows differ in each column. */
  readonly differences: Readonly<Record<string, number>>;
  /** Exact sums of `total`; `null` if the report has no such column. */
  readonly sums: { readonly here: string; readonly there: string } | null;
}

const pageSize = 1000;

/** Compares the current records of a company with a report, in memory that does not grow with either. */
export async function reconcile(options: ReconcileOptions): Promise<Reconciliation> {
  await using partitions = await Partitions.open();
  const there = await addReport(options, partitions);
  const here = await addRecords(options, partitions, there.columns);
  const counts = { matched: 0, differing: 0, onlyHere: 0, onlyThere: 0 };
  const differences: Record<string, number> = {};
  for await (const part of partitions.parts()) {
    options.signal.throwIfAborted();
    const { matched, discrepancies } = compareRows(part.here, part.there);
    counts.matched += matched;
    for (const discrepancy of discrepancies) {
      if (discrepancy.kind === "differs") {
        counts.differing += 1;
        for (const column of discrepancy.columns) differences[column] = (differences[column] ?? 0) + 1;
      } else if (discrepancy.kind === "only-here") counts.onlyHere += 1;
      else counts.onlyThere += 1;
      await options.onDiscrepancy(discrepancy);
    }
  }
  return {
    columns: [...there.columns],
    unknownHeaders: there.unknownHeaders,
    ...counts,
    suppressed: there.suppressed,
    withoutKey: there.withoutKey,
    differences,
    sums: there.columns.has("total") ? { here: String(here), there: String(there.sum) } : null,
  };
}

async function addReport(
  { record, report, signal, isSuppressed = () => false }: ReconcileOptions,
  partitions: Partitions,
) {
  const keyColumn = reportKeys[record];
  const sum = new ExactSum();
  let layout: ReturnType<typeof readLayout> | null = null;
  let columns = new Set<string>();
  let [withoutKey, suppressed] = [0, 0];
  for await (const cells of report) {
    signal.throwIfAborted();
    if (layout === null) {
      layout = readLayout(record, cells);
      columns = new Set(layout.places.keys());
      if (!columns.has(keyColumn)) {
        throw new UsageError(
          `The report has no ${keyColumn} column, which is needed to match rows.`,
          `Its headers: ${cells.join(", ")}`,
        );
      }
      continue;
    }
    if (cells.every((cell) => cell.trim() === "")) continue;
    const raw: RawRow = Object.fromEntries(
      [...layout.places].map(([column, place]) => [column, cells[place]]),
    );
    const row = comparableRow(raw, columns);
    const customerId = row["customer_id"] ?? null;
    if (customerId !== null && isSuppressed(customerId)) {
      suppressed += 1;
      continue;
    }
    const key = row[keyColumn] ?? null;
    if (key === null) {
      withoutKey += 1;
      continue;
    }
    sum.add(row["total"] ?? null);
    await partitions.add("there", { key, row });
  }
  if (layout === null) throw new UsageError("The report is empty.");
  const unknownHeaders = layout.unknown.filter((name) => name.trim() !== "");
  return { columns, unknownHeaders, suppressed, withoutKey, sum };
}

async function addRecords(
  { records, record, companyId, environment, signal }: ReconcileOptions,
  partitions: Partitions,
  columns: ReadonlySet<string>,
): Promise<ExactSum> {
  const sum = new ExactSum();
  const filter = { record, companyId, environment };
  for await (const item of eachItem((page) => records.list(filter, page), { pageSize, signal })) {
    const row = comparableRow(JSON.parse(item.record) as RawRow, columns);
    sum.add(row["total"] ?? null);
    await partitions.add("here", { key: row[reportKeys[record]] ?? "", row });
  }
  return sum;
}
