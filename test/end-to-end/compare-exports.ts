import { createSimulator, type Simulator, startSimulatorServer } from "@titan-sync/simulator";
import { expect, onTestFinished } from "vitest";
import { parseCsv } from "./csv.js";
import { type Installation, install } from "./installation.js";
import { jointly } from "./jointly.js";
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

/** A company, and the ServiceTitan of its tenant. */
interface Connected {
  readonly company: OracleCompany;
  readonly simulator: Simulator;
}

/** What the simulator's data must give. */
function expectations({
  company,
  simulator,
}: Connected): Readonly<Record<"members" | "invoices", Expectation>> {
  const rows = tenantRows(simulator, simulator.tenants[0]?.tenantId ?? "");
  return { members: expectedMembers(rows, company), invoices: expectedInvoices(rows, company) };
}

/** Columns compare as text; `version` depends on the run and is checked separately. */
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

async function expectRejections(installation: Installation, all: readonly Connected[]): Promise<void> {
  const exported = await installation.must(["rejections", "export"]);
  const rejections = exported
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  for (const connected of all) {
    const expected = expectations(connected);
    for (const [feed, data] of [
      ["customers", "members"],
      ["invoices", "invoices"],
    ] as const) {
      const found = rejections.filter(
        (rejection) => rejection.companyId === connected.company.companyId && rejection.feed === feed,
      );
      expect(new Map(found.map(({ entityId, rules }) => [entityId, [...rules].sort()]))).toEqual(
        new Map(expected[data].rejected),
      );
    }
  }
}

async function connect(installation: Installation, simulator: Simulator, seed: number): Promise<Connected> {
  const company = { companyId: `cedar-plumbing-${seed}`, trade: "Plumbing", timeZone: "America/Chicago" };
  const [tenant] = simulator.tenants;
  if (tenant === undefined) throw new Error("The simulator has no tenant.");
  await installation.connect(company.companyId, tenant, [
    "--trade",
    company.trade,
    "--time-zone",
    company.timeZone,
  ]);
  return { company, simulator };
}

/**
 * Syncs simulated tenants of several seeds, changes them and syncs again; what is exported and rejected must be
 * what the rules of the records make of each tenant's rows.
 */
export async function expectExportsToFollowTheRules(database: "embedded" | "postgres"): Promise<void> {
  const simulators = seeds.map((seed) =>
    createSimulator({
      seed,
      tenants: [{ tenantId: String(1000 + seed), customers: 400, invoices: 900 }],
      exportPageSize: 170,
      rateLimitPerSecond: null,
    }),
  );
  const proxy = await startSimulatorServer(jointly(simulators));
  onTestFinished(() => proxy.close());
  const installation = await install({
    database,
    environment: { TITAN_SYNC_API_URL: proxy.url, TITAN_SYNC_AUTH_URL: proxy.url },
  });
  await installation.must(["init"]);
  const all: Connected[] = [];
  for (const [index, simulator] of simulators.entries()) {
    all.push(await connect(installation, simulator, seeds[index] ?? 0));
  }
  const syncAll = ["sync", "--all", "--data", "both", "--json"];
  await installation.must(syncAll);
  await expectEqual(installation, all);

  for (const [index, { simulator }] of all.entries())
    simulator.mutateRandomly({ count: 60, seed: index + 1 });
  await installation.must([...syncAll, "--fresh"]);
  await expectEqual(installation, all);
  await expectRejections(installation, all);
}
