import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SinkError } from "../errors.js";
import type { RecordBatch } from "../ports/record-sink.js";
import type { TenantScope } from "../ports/tenant.js";
import type { RecordType } from "../records/record.js";
import { type AppendedRow, describeAppendSink } from "../testing/describe-append-sink.js";
import { invoiceRecord, memberRecord, removal, upsert } from "../testing/sample-records.js";
import { csvSink } from "./csv-sink.js";
import { jsonLinesSink } from "./json-lines-sink.js";

let directory = "";
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "titan-sync-sinks-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const context = { signal: new AbortController().signal };
const scope: TenantScope = { companyId: "a/../b", environment: "production", tenantId: "7" };

function batchOf(items: RecordBatch["items"], record: RecordType = "member"): RecordBatch {
  return { id: "batch 1", runId: "run", credentialId: "credential", scope, record, items };
}

describeAppendSink({
  name: "JSON Lines files",
  setup: () => ({
    sink: jsonLinesSink({ directory: join(directory, "json") }),
    read: (record, { companyId }) =>
      readRows(join(directory, "json", `${record}s`), companyId, (text) =>
        text
          .split("\n")
          .filter((line) => line !== "")
          .map((line) => JSON.parse(line)),
      ),
  }),
});

const lines: string[] = [];
const stream = new PassThrough();
stream.on("data", (chunk: Buffer) => lines.push(chunk.toString("utf8")));

describeAppendSink({
  name: "JSON Lines on a stream",
  setup: () => ({
    sink: jsonLinesSink({ stream }),
    async read(record, { companyId }) {
      const rows = lines
        .join("")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line));
      const isInvoice = (row: object): boolean => "invoice_number" in row;
      return rows.filter((row) => row.tenant === companyId && isInvoice(row) === (record === "invoice"));
    },
  }),
});

describeAppendSink({
  name: "CSV files",
  setup: () => ({
    sink: csvSink({ directory: join(directory, "csv") }),
    read: (record, { companyId }) => readRows(join(directory, "csv", `${record}s`), companyId, parseCsv),
  }),
});

describe("A file of a batch", () => {
  it("is in the directory for any company name, and only its owner can read it", async () => {
    const path = join(directory, "names");
    await csvSink({ directory: path }).write(batchOf([removal("1", 2)]), context);
    expect(await readdir(join(path, "members"))).toEqual(["a%2F..%2Fb.batch%201.csv"]);
    const { mode } = await stat(join(path, "members", "a%2F..%2Fb.batch%201.csv"));
    expect(mode & 0o777).toBe(0o600);
  });

  it("contains removals as rows with only their keys", async () => {
    const path = join(directory, "removals");
    await jsonLinesSink({ directory: path }).write(batchOf([removal("1", 2)]), context);
    expect(await onlyFile(join(path, "members"))).toBe(
      '{"op":"remove","source_id":"1","source_tenant":"7","environment":"production","revision":2}\n',
    );
  });

  it("contains the columns that a mapping adds, and a total with every digit", async () => {
    const path = join(directory, "added");
    const record = {
      ...invoiceRecord(scope, "1", "Ada"),
      total: "12345678901234567890.10",
      gate_code: "4711",
    };
    await jsonLinesSink({ directory: path }).write(batchOf([upsert(record, 1)], "invoice"), context);
    const text = await onlyFile(join(path, "invoices"));
    expect(text).toContain('"total":12345678901234567890.10,');
    expect(text).toContain('"gate_code":"4711"');
  });

  it("follows RFC 4180: quotes where required, lines end with CR LF", async () => {
    const path = join(directory, "quoted");
    const record = { ...memberRecord(scope, "1", 'Ada "A", Inc.'), street: "1\nA", unit: null };
    await csvSink({ directory: path }).write(batchOf([upsert(record, 1)]), context);
    const text = await onlyFile(join(path, "members"));
    expect(text).toMatch(
      /^op,source_id,source_tenant,environment,revision,tenant,[\w,]+\r\nupsert,1,7,production,1,/,
    );
    expect(text).toContain(',"Ada ""A"", Inc.",');
    expect(text).toContain(',"1\nA",,');
    expect(text.endsWith("\r\n")).toBe(true);
  });

  it.each([
    ["=1+1", "'=1+1"],
    ["+44 20 7946", "'+44 20 7946"],
    ["@cmd", "'@cmd"],
    ["-2+3", "'-2+3"],
    ["-5.00", "-5.00"],
    ["Ada", "Ada"],
  ])("neutralizes %s as %s if requested", async (given, written) => {
    for (const [neutralizeFormulas, expected] of [
      [true, written],
      [false, given],
    ] as const) {
      const path = await mkdtemp(join(directory, "formula-"));
      const record = memberRecord(scope, "1", given);
      await csvSink({ directory: path, neutralizeFormulas }).write(batchOf([upsert(record, 1)]), context);
      const [row] = parseCsv(await onlyFile(join(path, "members")));
      expect(row?.customer_name).toBe(expected);
    }
  });

  it("that cannot be written fails with an error of the sink", async () => {
    const blocked = join(directory, "added", "invoices", "a%2F..%2Fb.batch%201.jsonl");
    const write = jsonLinesSink({ directory: blocked }).write(batchOf([removal("1", 2)]), context);
    await expect(write).rejects.toBeInstanceOf(SinkError);
  });
});

async function onlyFile(path: string): Promise<string> {
  const [name, ...others] = await readdir(path);
  expect(others).toEqual([]);
  return await readFile(join(path, name ?? ""), "utf8");
}

/** Files in the order in which they came. */
async function readRows(
  path: string,
  companyId: string,
  parse: (text: string) => readonly (AppendedRow & { readonly op: string })[],
): Promise<readonly AppendedRow[]> {
  const names = (await readdir(path).catch(() => [])).filter((name) => name.startsWith(`${companyId}.`));
  const files = await Promise.all(
    names.map(async (name) => ({
      age: (await stat(join(path, name))).mtimeMs,
      text: await readFile(join(path, name), "utf8"),
    })),
  );
  const rows = files.sort((one, other) => one.age - other.age).flatMap(({ text }) => parse(text));
  return rows.filter((row) => row.op === "upsert");
}

/** Knows quoted fields and nothing else of CSV. */
function parseCsv(text: string) {
  const fields = [...text.matchAll(/("(?:[^"]|"")*"|[^,\r\n]*)(,|\r\n)/g)];
  const rows: string[][] = [[]];
  for (const [, field = "", end] of fields) {
    rows.at(-1)?.push(field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field);
    if (end === "\r\n") rows.push([]);
  }
  const [header = [], ...others] = rows.slice(0, -1);
  return others.map(
    (row) =>
      Object.fromEntries(header.map((name, index) => [name, row[index]])) as unknown as AppendedRow & {
        op: string;
      },
  );
}
