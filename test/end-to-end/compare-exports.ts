import { expect } from "vitest";
import { parseCsv } from "./csv.js";
import { type Installation, install } from "./installation.js";
import {
  type Expectation,
  expectedInvoices,
  expectedMembers,
  type OracleCompany,
} from "./oracle/expected-records.js";
import { tenantRows } from "./oracle/tenant-rows.js";

type ExportedRow = Readonly<Record<string, string | null>>;

const company: OracleCompany = {
  companyId: "cedar-plumbing",
  trade: "Plumbing",
  timeZone: "America/Chicago",
};

/** What the simulator's data must give. */
function expectations(installation: Installation): Readonly<Record<"members" | "invoices", Expectation>> {
  const [tenant] = installation.simulator.tenants;
  const rows = tenantRows(installation.simulator, tenant?.tenantId ?? "");
  return { members: expectedMembers(rows, company), invoices: expectedInvoices(rows, company) };
}

async function exported(installation: Installation, data: string): Promise<readonly ExportedRow[]> {
  return parseCsv(await installation.must(["export", data, "--format", "csv"]));
}

/** Columns compare as text; `version` is the run's and is looked at by itself. */
function withoutVersion(rows: readonly ExportedRow[]): readonly ExportedRow[] {
  return rows.map(({ version: _, ...row }) => row);
}

async function expectEqual(installation: Installation): Promise<void> {
  const expected = expectations(installation);
  for (const data of ["members", "invoices"] as const) {
    const rows = withoutVersion(await exported(installation, data));
    // Told apart by id first: a difference of thousands of rows is unreadable.
    expect(rows.map((row) => row["source_id"])).toEqual(expected[data].records.map((row) => row.source_id));
    expect(rows).toEqual(expected[data].records);
  }
}

async function expectRejections(installation: Installation): Promise<void> {
  const expected = expectations(installation);
  for (const [feed, data] of [
    ["customers", "members"],
    ["invoices", "invoices"],
  ] as const) {
    const found = new Map<string, readonly string[]>();
    let cursor: readonly string[] = [];
    do {
      const list = ["rejections", "list", "--json", "--feed", feed, "--limit", "100", ...cursor];
      const { items, next } = JSON.parse(await installation.must(list));
      for (const item of items) found.set(item.entityId, [...item.rules].sort());
      cursor = next === null ? [] : ["--cursor", next];
    } while (cursor.length > 0);
    expect(found).toEqual(new Map(expected[data].rejected));
  }
}

/**
 * Syncs a simulated tenant, changes it and syncs again; what is exported and rejected must both times be what the
 * rules of the records make of the tenant's rows.
 */
export async function expectExportsToFollowTheRules(
  seed: number,
  database: "embedded" | "postgres",
): Promise<void> {
  const installation = await install({
    simulator: { seed, tenants: [{ customers: 400, invoices: 900 }], exportPageSize: 170 },
    database,
  });
  await installation.must(["init"]);
  const about = ["--trade", company.trade, "--time-zone", company.timeZone];
  await installation.connect(company.companyId, 0, about);
  await installation.must(["sync", "--data", "both", "--json"]);
  await expectEqual(installation);

  installation.simulator.mutateRandomly({ count: 60, seed });
  await installation.must(["sync", "--data", "both", "--fresh"]);
  await expectEqual(installation);
  await expectRejections(installation);
}

/** Each makes up other data. */
export const seeds = [1, 20, 333] as const;
