import { type ExportedRecord, recordColumns } from "@titan-sync/core";
import { describe, expect, it } from "vitest";
import { rowFormat } from "./record-rows.js";

function invoice(fields: Readonly<Record<string, unknown>>): ExportedRecord {
  return {
    scope: { companyId: "acme", environment: "production", tenantId: "1001" },
    id: "77",
    record: JSON.stringify(fields),
  };
}

describe("records as CSV", () => {
  const { header, rows } = rowFormat("csv", "invoice", []);

  it("start with the host's columns and the id in ServiceTitan", () => {
    expect(header).toBe(`${recordColumns.invoice.join(",")},source_id\r\n`);
  });

  it("are quoted where RFC 4180 requires it, and end with CR LF", () => {
    const line = rows([
      invoice({ tenant: "acme", customer_name: 'First "Corner", Cafe', summary: "one\ntwo", total: "-5.00" }),
    ]);
    expect(line.startsWith('acme,,,,"First ""Corner"", Cafe",')).toBe(true);
    expect(line.endsWith(',-5.00,,"one\ntwo",77\r\n')).toBe(true);
  });

  it("have added columns after all others, empty if a record has none", () => {
    const format = rowFormat("csv", "invoice", ["balance", "job_status"]);
    expect(format.header).toBe(`${recordColumns.invoice.join(",")},source_id,balance,job_status\r\n`);
    const lines = format.rows([invoice({ job_status: "Done", balance: "1.50" }), invoice({})]).split("\r\n");
    expect(lines[0]?.endsWith(",77,1.50,Done")).toBe(true);
    expect(lines[1]?.endsWith(",77,,")).toBe(true);
  });

  it("do not omit a column that was added too late for the header", () => {
    expect(() => rows([invoice({ job_status: "Done" })])).toThrow("added the column job_status");
  });

  it("do not change text that looks like something else", () => {
    expect(rows([invoice({ tenant: "=1+1", zip: "04101", invoice_number: "007" })])).toMatch(
      /^=1\+1,.*,04101,.*,007,/,
    );
  });
});

describe("records as JSON lines", () => {
  const { header, rows } = rowFormat("jsonl", "invoice", []);

  it("have every column in order, null if it is empty", () => {
    expect(header).toBeNull();
    const document = JSON.parse(rows([invoice({ tenant: "acme" })]));
    expect(Object.keys(document)).toEqual([...recordColumns.invoice, "source_id"]);
    expect(document).toMatchObject({ tenant: "acme", summary: null, total: null, source_id: "77" });
  });

  it("have the added columns of their record last, by name", () => {
    const document = JSON.parse(rows([invoice({ job_status: null, balance: "1.50" })]));
    expect(Object.keys(document)).toEqual([...recordColumns.invoice, "source_id", "balance", "job_status"]);
    expect(document).toMatchObject({ balance: "1.50", job_status: null });
  });

  it("print a total as a number with all its digits", () => {
    expect(rows([invoice({ total: "90071992547409.930" })])).toContain('"total":90071992547409.930,');
  });

  it("are one per line", () => {
    const text = rows([invoice({ summary: "one\ntwo" }), invoice({ summary: "three" })]);
    expect(text.split("\n")).toHaveLength(3);
    expect(text.endsWith("\n")).toBe(true);
  });
});
