import { describe, expect, it } from "vitest";
import { comparableRow, differingColumns } from "./comparable.js";
import { compareRows } from "./compare-rows.js";
import { ExactSum } from "./exact-sum.js";
import { printedDate } from "./printed-date.js";
import { readLayout, reportHeaders } from "./report-headers.js";

describe("The layout of a report", () => {
  it("uses the first known header of a column in any case", () => {
    const { places, unknown } = readLayout("invoice", [
      "invoice #",
      "NAME",
      "customer name",
      "Tax",
      "Invoice Summary",
    ]);
    expect([...places]).toEqual([
      ["customer_name", 2],
      ["invoice_number", 0],
      ["invoice_summary", 4],
      ["summary", 4],
    ]);
    expect(unknown).toEqual(["NAME", "Tax"]);
  });

  it.each(Object.entries(reportHeaders.invoice).concat(Object.entries(reportHeaders.member)))(
    "knows %s by each of its headers",
    (column, headers) => {
      for (const header of headers) {
        const type = column in reportHeaders.member ? "member" : "invoice";
        expect(readLayout(type, [header.toUpperCase()]).places.get(column)).toBe(0);
      }
    },
  );
});

describe("Two rows", () => {
  it.each([
    ["customer_name", " Jane\u00a0 Sample ", "Jane Sample"],
    ["customer_phone_numbers", "6305550142, 630-555-0143", "(630) 555-0143, (630) 555-0142"],
    ["customer_phone_number_primary", "630.555.0142", "(630) 555-0142"],
    ["country", "USA", null],
    ["active_member", "TRUE", "Yes"],
    ["active_member", "No", null],
    ["current_status", "good", "Active"],
    ["total", "$1,234.50", "1234.5"],
    ["total", "-0.00", "0"],
    ["total", "100", "100.00"],
    ["summary", "<p>a</p>b &amp; c", "a\nb & c"],
    ["first_appointment", "3/1/2024 8:05 PM", "2024-03-01 20:05:00"],
    ["first_appointment", "3/1/2024", "2024-03-01 20:05:00"],
    ["unit", "", null],
  ])("agree in %s: %j and %j", (column, left, right) => {
    expect(differing(column, left, right)).toEqual([]);
  });

  it.each([
    ["customer_name", "Jane Sample", "Jane Simple"],
    ["customer_phone_numbers", "6305550142", "6305550142, 6305550143"],
    ["country", "CA", null],
    ["current_status", "Active", "Expired"],
    ["total", "1234.50", "1234.51"],
    ["total", "(5.00)", "-5.00"],
    ["first_appointment", "3/1/2024 8:05 PM", "2024-03-01 20:06:00"],
    ["first_appointment", "3/2/2024", "2024-03-01 20:05:00"],
    ["street", null, "27 Elm Ct"],
    ["zip", "02138", "2138"],
  ])("differ in %s: %j and %j", (column, left, right) => {
    expect(differing(column, left, right)).toEqual([column]);
  });

  it("agree if one has the full name and the other its parts", () => {
    const columns = new Set(["customer_name", "customer_first_name", "customer_last_name"]);
    const whole = comparableRow({ customer_name: "Jane Sample" }, columns);
    const parts = comparableRow({ customer_first_name: "Jane", customer_last_name: "Sample" }, columns);
    expect(differingColumns(whole, parts)).toEqual([]);
  });

  function differing(column: string, left: string | null, right: string | null): readonly string[] {
    const columns = new Set([column]);
    return differingColumns(
      comparableRow({ [column]: left }, columns),
      comparableRow({ [column]: right }, columns),
    );
  }
});

describe("A printed date", () => {
  it.each([
    ["2024-03-01", "2024-03-01"],
    ["2024-03-01T08:05:09Z", "2024-03-01 08:05:09"],
    ["12/31/2024 12:05 AM", "2024-12-31 00:05:00"],
    ["12/31/2024, 12:05:06 p.m.", "2024-12-31 12:05:06"],
    ["1/2/2024 13:05", "2024-01-02 13:05:00"],
    ["spring", "spring"],
  ])("%s is %s", (text, printed) => {
    expect(printedDate(text)).toBe(printed);
  });
});

describe("An exact sum", () => {
  it("loses no digit", () => {
    const sum = new ExactSum();
    for (const decimal of ["0.1", "0.2", "-0.001", "90071992547409930.5"])
      expect(sum.add(decimal)).toBe(true);
    expect(String(sum)).toBe("90071992547409930.799");
    expect(sum.add("1e3")).toBe(false);
    expect(sum.add(null)).toBe(false);
    expect(String(sum)).toBe("90071992547409930.799");
  });

  it.each([
    [[], "0.00"],
    [["-5"], "-5.00"],
    [["0.5", "-0.75"], "-0.25"],
  ])("of %j is %s", (decimals, total) => {
    const sum = new ExactSum();
    for (const decimal of decimals) sum.add(decimal);
    expect(String(sum)).toBe(total);
  });
});

describe("Comparing rows by key", () => {
  const row = (key: string, total: string) => ({ key, row: { total } });

  it("distinguishes matched, different, only here and only there", () => {
    const here = [row("1", "5"), row("2", "5"), row("3", "5")];
    const there = [row("4", "5"), row("2", "6"), row("1", "5")];
    expect(compareRows(here, there)).toEqual({
      matched: 1,
      discrepancies: [
        { kind: "differs", key: "2", columns: ["total"], here: { total: "5" }, there: { total: "6" } },
        { kind: "only-here", key: "3", row: { total: "5" } },
        { kind: "only-there", key: "4", row: { total: "5" } },
      ],
    });
  });

  it("pairs equal rows of one key first", () => {
    const { matched, discrepancies } = compareRows(
      [row("1", "5"), row("1", "6")],
      [row("1", "6"), row("1", "7"), row("1", "8")],
    );
    expect(matched).toBe(1);
    expect(discrepancies).toEqual([
      { kind: "differs", key: "1", columns: ["total"], here: { total: "5" }, there: { total: "7" } },
      { kind: "only-there", key: "1", row: { total: "8" } },
    ]);
  });
});
