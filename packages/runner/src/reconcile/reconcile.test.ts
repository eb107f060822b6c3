import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Discrepancy, ExportedRecord, KnownRecordType } from "@titan-sync/core";
import { stringify } from "csv-stringify/sync";
import { describe, expect, it } from "vitest";
import writeXlsxFile from "write-excel-file/node";
import { temporaryDirectory } from "../__fixtures__/temporary-directory.js";
import { UsageError } from "../program/usage-error.js";
import { reconcile } from "./reconcile.js";
import { reportRows } from "./report-rows.js";

type Row = Record<string, string | number | Date | null>;

const headers: Readonly<Record<string, string>> = {
  customer_id: "Customer ID",
  customer_name: "CUSTOMER NAME",
  customer_phone_numbers: "Customer Phone Number(s)",
  street: "Location Street",
  city: "City",
  zip: "Zip Code",
  country: "Country",
  invoice_number: "Invoice #",
  total: "Total",
  first_appointment: "Invoice Date",
  zone: "Zone",
};
const columns = Object.keys(headers);

/** What was delivered: records of so many invoices, made from their number. */
function delivered(count: number): ExportedRecord[] {
  return Array.from({ length: count }, (_, index) => {
    const number = index + 1;
    const record = {
      customer_id: String(number % 977),
      customer_name: `Jane Sample ${number % 977}`,
      customer_first_name: "Jane",
      customer_last_name: "Sample",
      customer_phone_numbers: "(630) 555-0142, (630) 555-0143",
      street: `${number} Elm Ct`,
      city: "Aurora",
      zip: "60505",
      country: "US",
      invoice_number: `INV-${number}`,
      total: `${number}.10`,
      first_appointment: "2024-03-01 08:05:00",
      zone: number % 3 === 0 ? null : 'North, "Side"',
    };
    const scope = { companyId: "acme", environment: "production", tenantId: "1" } as const;
    return { scope, id: String(number), record: JSON.stringify(record) };
  });
}

/** The same as somebody would export it: other formats, another order. */
function reportOf(records: readonly ExportedRecord[]): Row[] {
  return records.toReversed().map(({ record }) => {
    const row = JSON.parse(record) as Record<string, string | null>;
    return {
      ...Object.fromEntries(columns.map((column) => [column, row[column] ?? null])),
      customer_name: `  ${row["customer_name"]} `,
      customer_phone_numbers: "6305550143,6305550142",
      country: "USA",
    };
  });
}

interface Planted {
  readonly rows: Row[];
  readonly expected: readonly string[];
}

/** Changes, drops and adds some rows. */
function plant(rows: readonly Row[]): Planted {
  const expected: string[] = [];
  const planted = rows.flatMap((row, index): Row[] => {
    const key = String(row["invoice_number"]);
    if (index % 997 === 11) {
      expected.push(`differs ${key} zip`);
      return [{ ...row, zip: "60506" }];
    }
    if (index % 991 === 12) {
      expected.push(`differs ${key} total`);
      return [{ ...row, total: `${row["total"]}1` }];
    }
    if (index % 983 === 13) {
      expected.push(`only-here ${key}`);
      return [];
    }
    if (index % 977 === 14) {
      expected.push(`only-there ${key}-more`);
      return [row, { ...row, invoice_number: `${key}-more` }];
    }
    return [row];
  });
  return { rows: planted, expected: expected.toSorted() };
}

async function compare(
  path: string,
  records: readonly ExportedRecord[],
  record: KnownRecordType = "invoice",
  isSuppressed?: (customerId: string) => boolean,
) {
  const found: string[] = [];
  const describe_ = (discrepancy: Discrepancy): string =>
    discrepancy.kind === "differs"
      ? `differs ${discrepancy.key} ${discrepancy.columns.join(" ")}`
      : `${discrepancy.kind} ${discrepancy.key}`;
  const result = await reconcile({
    records: {
      async list(_params, { limit, cursor }) {
        const start = Number(cursor ?? 0);
        const end = start + limit;
        return { items: records.slice(start, end), next: end < records.length ? String(end) : null };
      },
    },
    record,
    companyId: "acme",
    isSuppressed,
    report: reportRows(path),
    signal: new AbortController().signal,
    onDiscrepancy: async (discrepancy) => void found.push(describe_(discrepancy)),
  });
  return { result, found: found.toSorted() };
}

async function csvOf(rows: readonly Row[]): Promise<string> {
  const path = join(await temporaryDirectory(), "report.csv");
  const lines = rows.map((row) => columns.map((column) => row[column]));
  await writeFile(path, `\ufeff${stringify([Object.values(headers), ...lines])}`);
  return path;
}

async function xlsxOf(rows: readonly Row[]): Promise<string> {
  const path = join(await temporaryDirectory(), "report.xlsx");
  const cell = (value: Row[string] | undefined) => {
    if (value === null || value === undefined) return null;
    if (typeof value === "number") return { type: Number, value };
    return value instanceof Date
      ? { type: Date, value, format: "mm/dd/yyyy hh:mm" }
      : { type: String, value };
  };
  const lines = rows.map((row) => columns.map((column) => cell(row[column])));
  await writeXlsxFile([columns.map((column) => cell(headers[column])), ...lines], {}).toFile(path);
  return path;
}

describe.each([
  ["CSV", csvOf],
  ["XLSX", xlsxOf],
] as const)("Reconciling with a report in %s", (_format, write) => {
  it("finds nothing if both contain the same values in their own formats", async () => {
    const records = delivered(300);
    const { result, found } = await compare(await write(reportOf(records)), records);
    expect(found).toEqual([]);
    expect(result).toMatchObject({ matched: 300, differing: 0, onlyHere: 0, onlyThere: 0, withoutKey: 0 });
    expect(result.sums).toEqual({ here: "45180.00", there: "45180.00" });
    expect(result.columns).toHaveLength(columns.length);
  });

  it("finds every discrepancy planted in 10,000 rows, and no other", async () => {
    const records = delivered(10_000);
    const { rows, expected } = plant(reportOf(records));
    const { result, found } = await compare(await write(rows), records);
    expect(expected.length).toBeGreaterThan(40);
    expect(found).toEqual(expected);
    expect(result.matched + result.differing + result.onlyHere).toBe(10_000);
  });
});

describe("A workbook", () => {
  it("has numbers and dates that are read the way records print them", async () => {
    const records = delivered(2);
    const rows = reportOf(records).map((row) => ({
      ...row,
      customer_id: Number(row["customer_id"]),
      total: Number(row["total"]),
      first_appointment: new Date("2024-03-01T08:05:00Z"),
    }));
    const { found } = await compare(await xlsxOf(rows), records);
    expect(found).toEqual([]);
  });

  it("has dates without a time, which agree with every time on that day and no other", async () => {
    const records = delivered(2);
    const rows = reportOf(records);
    const on = (day: string) => rows.map((row) => ({ ...row, first_appointment: new Date(day) }));
    expect((await compare(await xlsxOf(on("2024-03-01")), records)).found).toEqual([]);
    expect((await compare(await xlsxOf(on("2024-03-02")), records)).found).toHaveLength(2);
  });
});

describe("A report", () => {
  it("without the key column is refused, naming its headers", async () => {
    const path = join(await temporaryDirectory(), "report.csv");
    await writeFile(path, "Name,Total\nJane,5\n");
    await expect(compare(path, [])).rejects.toThrow("no invoice_number column");
  });

  it("counts the rows of erased customers separately, because they cannot be found", async () => {
    const records = delivered(20);
    const erased = new Set(["7", "9"]);
    const kept = records.filter(({ id }) => !erased.has(id));
    const path = await csvOf(reportOf(records));
    const { result, found } = await compare(path, kept, "invoice", (customerId) => erased.has(customerId));
    expect(found).toEqual([]);
    expect(result).toMatchObject({ matched: 18, onlyThere: 0, suppressed: 2 });
    expect(result.sums?.there).toBe(result.sums?.here);
  });

  it("lists which headers and rows were not compared", async () => {
    const path = join(await temporaryDirectory(), "report.csv");
    await writeFile(path, 'Customer ID,Tax\r\n"",9\r\n,\r\n7,1\r\n');
    const { result, found } = await compare(path, [], "member");
    expect(result).toMatchObject({ unknownHeaders: ["Tax"], withoutKey: 1, onlyThere: 1, sums: null });
    expect(found).toEqual(["only-there 7"]);
  });

  it.each([
    ["report.csv", 'Invoice #\n"INV'],
    ["report.xlsx", "no workbook"],
    ["report.txt", "Invoice #\n"],
    ["report.csv", ""],
  ])("that is not a report is refused: %s", async (name, content) => {
    const path = join(await temporaryDirectory(), name);
    await writeFile(path, content);
    await expect(compare(path, [])).rejects.toBeInstanceOf(UsageError);
  });
});
