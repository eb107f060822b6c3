import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
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

describe.each(["embedded", "postgres"] as const)("what is exported from the %s database", (database) => {
  it.each([1, 20, 333])(
    "is what the rules make of ServiceTitan's rows, before and after changes (seed %i)",
    async (seed) => {
      const installation = await install({
        simulator: { seed, tenants: [{ customers: 400, invoices: 900 }], exportPageSize: 170 },
        database,
      });
      await installation.must(["init"]);
      await installation.connect(company.companyId, 0, [
        "--trade",
        company.trade,
        "--time-zone",
        company.timeZone,
      ]);
      await installation.must(["sync", "--data", "both", "--json"]);
      await expectEqual(installation);
      await expectRejections(installation);

      installation.simulator.mutateRandomly({ count: 60, seed });
      await installation.must(["sync", "--data", "both", "--fresh"]);
      await expectEqual(installation);
      await expectRejections(installation);
    },
  );
});

describe("an export", () => {
  it("has the host's columns in their order, then the id in ServiceTitan, and one version a run", async () => {
    const installation = await install({ simulator: { tenants: [{ customers: 30, invoices: 40 }] } });
    await installation.must(["init"]);
    await installation.connect("acme");
    const startedAt = Math.floor(Date.now() / 1000);
    await installation.must(["sync", "--data", "both"]);
    const members = await installation.must(["export", "members"]);
    expect(members.slice(0, members.indexOf("\r\n"))).toBe(
      "tenant,trade,software,customer_id,customer_name,customer_first_name,customer_last_name," +
        "customer_phone_numbers,customer_phone_number_primary,street,unit,city,state,zip,country," +
        "hub_plus_import_id,active_member,membership_type,current_status,version,source_id",
    );
    const invoices = await installation.must(["export", "invoices"]);
    expect(invoices.slice(0, invoices.indexOf("\r\n"))).toBe(
      "tenant,trade,software,customer_id,customer_name,customer_first_name,customer_last_name," +
        "customer_phone_numbers,customer_phone_number_primary,street,unit,city,state,zip,country," +
        "hub_plus_import_id,invoice_number,invoice_summary,job_number,job_type,zone,total,first_appointment," +
        "summary,source_id",
    );
    const versions = new Set(parseCsv(members).map((row) => Number(row["version"])));
    expect(versions.size).toBe(1);
    expect(Math.abs(Math.max(...versions) - startedAt)).toBeLessThan(60);
  });

  it("says the same as JSON lines, in a file that appears whole, for one company or all", async () => {
    const installation = await install({
      simulator: {
        tenants: [
          { customers: 20, invoices: 25 },
          { customers: 10, invoices: 12 },
        ],
      },
    });
    await installation.must(["init"]);
    await installation.connect("alpha", 0);
    await installation.connect("beta", 1);
    await installation.must(["sync", "--all", "--data", "both"]);
    const csv = parseCsv(await installation.must(["export", "invoices"]));
    await installation.must(["export", "invoices", "--format", "jsonl", "--out", "invoices.jsonl"]);
    const text = await readFile(join(installation.directory, "invoices.jsonl"), "utf8");
    const lines = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const asText = lines.map((line) => ({ ...line, total: null }));
    expect(asText).toEqual(csv.map((row) => ({ ...row, total: null })));
    expect(lines.map((line) => line.total)).toEqual(csv.map((row) => Number(row["total"])));

    const alone = parseCsv(await installation.must(["export", "invoices", "--company", "beta"]));
    expect(alone).toEqual(csv.filter((row) => row["tenant"] === "beta"));
    expect(alone.length).toBeGreaterThan(0);
    expect(alone.length).toBeLessThan(csv.length);
  });
});
