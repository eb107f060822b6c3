import { createSimulator, type Simulator, startSimulatorServer } from "@titan-sync/simulator";
import { expect, onTestFinished } from "vitest";
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

/** Each makes up other data. */
const seeds = [1, 20, 333] as const;

/** A company whose tenant is in a ServiceTitan of its own. */
interface Connected {
  readonly company: OracleCompany;
  readonly simulator: Simulator;
  /** What leads the program to that ServiceTitan. */
  readonly environment: Readonly<Record<string, string>>;
}

/** What the simulator's data must give. */
function expectations({
  company,
  simulator,
}: Connected): Readonly<Record<"members" | "invoices", Expectation>> {
  const rows = tenantRows(simulator, simulator.tenants[0]?.tenantId ?? "");
  return { members: expectedMembers(rows, company), invoices: expectedInvoices(rows, company) };
}

/** Columns compare as text; `version` is the run's and is looked at by itself. */
function withoutVersion(rows: readonly ExportedRow[]): readonly ExportedRow[] {
  return rows.map(({ version: _, ...row }) => row);
}

async function expectEqual(installation: Installation, all: readonly Connected[]): Promise<void> {
  for (const data of ["members", "invoices"] as const) {
    const exported = parseCsv(await installation.must(["export", data, "--format", "csv"]));
    const rows = withoutVersion(exported);
    expect(new Set(rows.map((row) => row["tenant"]))).toEqual(
      new Set(all.map(({ company }) => company.companyId)),
    );
    for (const connected of all) {
      const { records } = expectations(connected)[data];
      const own = rows.filter((row) => row["tenant"] === connected.company.companyId);
      // Told apart by id first: a difference of thousands of rows is unreadable.
      expect(own.map((row) => row["source_id"])).toEqual(records.map((row) => row.source_id));
      expect(own).toEqual(records);
    }
  }
}

async function expectRejections(installation: Installation, connected: Connected): Promise<void> {
  const expected = expectations(connected);
  for (const [feed, data] of [
    ["customers", "members"],
    ["invoices", "invoices"],
  ] as const) {
    const found = new Map<string, readonly string[]>();
    let cursor: readonly string[] = [];
    do {
      const which = ["--feed", feed, "--company", connected.company.companyId];
      const list = ["rejections", "list", "--json", ...which, "--limit", "100", ...cursor];
      const { items, next } = JSON.parse(await installation.must(list));
      for (const item of items) found.set(item.entityId, [...item.rules].sort());
      cursor = next === null ? [] : ["--cursor", next];
    } while (cursor.length > 0);
    expect(found).toEqual(new Map(expected[data].rejected));
  }
}

async function connect(installation: Installation, seed: number): Promise<Connected> {
  const tenants = [{ customers: 400, invoices: 900 }];
  const simulator = createSimulator({ seed, tenants, exportPageSize: 170, rateLimitPerSecond: null });
  const server = await startSimulatorServer(simulator);
  onTestFinished(() => server.close());
  const [tenant] = simulator.tenants;
  if (tenant === undefined) throw new Error("The simulator has no tenant.");
  const company = { companyId: `cedar-plumbing-${seed}`, trade: "Plumbing", timeZone: "America/Chicago" };
  const connected = {
    company,
    simulator,
    environment: { TITAN_SYNC_API_URL: server.url, TITAN_SYNC_AUTH_URL: server.url },
  };
  const names = [
    "--company",
    company.companyId,
    "--tenant",
    tenant.tenantId,
    "--environment",
    tenant.environment,
  ];
  const about = ["--trade", company.trade, "--time-zone", company.timeZone];
  const { clientId, clientSecret, appKey } = tenant;
  await installation.must(
    ["credential", "add", ...names, "--client-id", clientId, "--secrets-stdin", ...about],
    { environment: connected.environment, input: JSON.stringify({ clientSecret, appKey }) },
  );
  return connected;
}

/**
 * Syncs simulated tenants of several seeds, changes them and syncs again; what is exported and rejected must be
 * what the rules of the records make of each tenant's rows.
 */
export async function expectExportsToFollowTheRules(database: "embedded" | "postgres"): Promise<void> {
  const installation = await install({ database });
  await installation.must(["init"]);
  const all: Connected[] = [];
  for (const seed of seeds) all.push(await connect(installation, seed));
  const syncAll = async (...flags: readonly string[]): Promise<void> => {
    for (const { company, environment } of all) {
      const which = ["--company", company.companyId, "--data", "both"];
      await installation.must(["sync", ...which, "--json", ...flags], { environment });
    }
  };
  await syncAll();
  await expectEqual(installation, all);

  for (const [index, { simulator }] of all.entries())
    simulator.mutateRandomly({ count: 60, seed: index + 1 });
  await syncAll("--fresh");
  await expectEqual(installation, all);
  for (const connected of all) await expectRejections(installation, connected);
}
