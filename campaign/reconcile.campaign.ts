import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { generateEncryptionKey } from "@titan-sync/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../test/postgres/database.js";
import { createDice, isSample, report } from "./support/campaign.js";
import {
  choosePlants,
  deliverInvoices,
  expectedFindings,
  type Plant,
  reportOf,
  writeCsv,
} from "./support/large-report.js";
import { writeWorkbook } from "./support/large-workbook.js";
import { measureProgram } from "./support/measured-program.js";

const formats = [
  ["csv", writeCsv],
  ["xlsx", writeWorkbook],
] as const;

/** A sheet has 1,048,576 rows at most, its header among them. */
const sizes = isSample ? [500] : [100_000, 1_000_000];

/** Of the process that compares. */
const heapMb = 256;
/** How much more memory ten times as many rows may take, in MB: uncollected garbage. */
const growthMb = 100;

const encryptionKeys = generateEncryptionKey();

let database: TestDatabase;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "titan-sync-reconcile-campaign-"));
  database = await createTestDatabase();
  for (const rows of sizes) await deliverInvoices(database.pool, companyOf(rows), rows);
}, 900_000);
afterAll(async () => {
  await database.drop();
  await rm(directory, { recursive: true, force: true });
});

test.each(formats)(
  "finds every planted difference in a %s report and no other, in constant memory",
  async (...format) => {
    const peaks: number[] = [];
    for (const rows of sizes) peaks.push(await reconcileReport(rows, ...format));
    expect(Math.max(...peaks) - Math.min(...peaks)).toBeLessThan(growthMb);
  },
);

/** @returns its peak memory, in MB. */
async function reconcileReport(
  rows: number,
  ...[format, writeReport]: (typeof formats)[number]
): Promise<number> {
  const planted = choosePlants(rows, createDice(`reconcile ${format} ${rows}`));
  const file = path.join(directory, `report.${format}`);
  await writeReport(file, reportOf(rows, planted));
  const request = ["reconcile", "invoices", "--company", companyOf(rows), "--report", file];
  const { exitCode, stdout, peakMb, seconds } = await measureProgram({
    args: [...request, "--out", "found.csv", "--json"],
    heapMb,
    workingDirectory: directory,
    environment: { TITAN_SYNC_DATABASE_URL: database.url, TITAN_SYNC_ENCRYPTION_KEYS: encryptionKeys },
  });
  expect(exitCode).toBe(3);
  expect(await findingsIn(path.join(directory, "found.csv"))).toEqual(expectedFindings(planted));
  const count = (kind: Plant): number => [...planted.values()].filter((plant) => plant === kind).length;
  expect(JSON.parse(stdout)).toMatchObject({
    // Added rows are next to the invoice that they were made from.
    matched: rows - planted.size + count("added"),
    onlyHere: count("missing"),
    onlyThere: count("added"),
    withoutKey: 0,
  });
  report(
    `${format}, ${rows} rows: ${planted.size} differences found, peak ${peakMb.toFixed(0)} MB, ${seconds.toFixed(1)} s`,
  );
  return peakMb;
}

function companyOf(rows: number): string {
  return `company-${rows}`;
}

/** `key,kind,column` of each line, in order. */
async function findingsIn(file: string): Promise<readonly string[]> {
  const [, ...lines] = (await readFile(file, "utf8")).trimEnd().split("\r\n");
  return lines.map((line) => line.split(",", 3).join(",")).sort();
}
