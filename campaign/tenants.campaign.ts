import { setTimeout as delay } from "node:timers/promises";
import { createTitanSync, generateEncryptionKey, staticKeys } from "@titan-sync/core";
import { createSimulator, type SimulatedFeed, startSimulatorServer } from "@titan-sync/simulator";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDice, isSample, report, seed } from "./support/campaign.js";
import { createHistogram } from "./support/histogram.js";
import type { LookedAt } from "./support/looked-at.js";
import { expectBalanced, undisturbed } from "./support/outcome.js";
import { type Place, type Places, postgresPlaces, sqlitePlaces } from "./support/places.js";
import { startWorker } from "./support/worker-process.js";
import type { TenantsMessage, TenantsPlan } from "./workers/tenants-plan.js";

const tenants = isSample ? 3 : 20;
const durationMs = isSample ? 0 : 60_000;
/** Of each process. A slow machine takes longer for them. */
const leastRuns = isSample ? 3 : tenants;

describe.each([
  { kind: "PostgreSQL", open: async () => postgresPlaces(), processes: isSample ? 2 : 4 },
  { kind: "SQLite", open: sqlitePlaces, processes: isSample ? 3 : 8 },
] as const)("$processes processes on one $kind database", ({ kind, open, processes }) => {
  let places: Places;
  let place: Place;
  beforeAll(async () => {
    places = await open();
    place = await places.create();
  });
  afterAll(async () => {
    await place.drop();
    await places.close();
  });

  test(`never work on one of ${tenants} credentials at the same time, mix no tenants, and never block each other`, async () => {
    const dice = createDice("tenants");
    const simulator = createSimulator({
      seed,
      rateLimitPerSecond: null,
      exportPageSize: 20,
      exportLagMs: 0,
      tenants: Array.from({ length: tenants }, () => ({ customers: 25, invoices: 50 })),
    });
    const server = await startSimulatorServer(simulator);
    const encryptionKey = generateEncryptionKey();
    const connect = ({ storage, sink }: LookedAt) =>
      createTitanSync({
        storage,
        sink,
        keys: staticKeys(encryptionKey),
        company: async () => ({ trade: "HVAC", importId: 7, timeZone: "America/Chicago" }),
        fetch: (input, init) => simulator.handle(new Request(input, init)),
        requestsPerSecond: 1000,
      });
    const companies = await place.look(async (database) => {
      const titan = connect(database);
      const created = await Promise.all(
        simulator.tenants.map(async (tenant, index) => {
          const companyId = `company-${index}`;
          const { id: credentialId } = await titan.credentials.create({ companyId, ...tenant });
          return { companyId, credentialId, tenant };
        }),
      );
      await titan.close();
      return created;
    });

    const plan: Omit<TenantsPlan, "seed"> = {
      database: place.plan,
      simulatorUrl: server.url,
      encryptionKey,
      credentialIds: companies.map((company) => company.credentialId),
      durationMs,
      leastRuns,
    };
    const workers = Array.from({ length: processes }, (_, index) =>
      startWorker<TenantsMessage>("tenants", { ...plan, seed: seed + index }),
    );
    const gone = Promise.all(workers.map((worker) => worker.gone));
    const isDone = gone.then(() => true);
    while (!(await Promise.race([isDone, delay(250, false)]))) {
      const { tenant } = dice.pick([...companies] as [(typeof companies)[0], ...typeof companies]);
      const change = { count: 2, seed: dice.integer(1, 1_000_000), tenantId: tenant.tenantId };
      simulator.mutateRandomly(change);
    }
    await gone;

    const messages = workers.flatMap((worker) => worker.messages);
    const histogram = createHistogram();
    for (const message of messages) {
      histogram.add(
        message.kind === "ran" ? message.status : message.kind === "failed" ? message.code : message.kind,
      );
    }
    report(
      `\n${kind}: ${tenants} credentials × ${processes} processes (seed ${seed}):\n${countsOf(histogram.print())}\n`,
    );
    expect(histogram.count("completed")).toBeGreaterThanOrEqual(processes * leastRuns);
    // No run fails because the file was busy, a lease was lost, or transactions were deadlocked.
    expect(histogram.total).toBe(histogram.count("completed") + histogram.count("refused"));
    expectNoOverlap(messages);

    await place.look(async (database) => {
      const titan = connect(database);
      for (const { companyId, credentialId } of companies) {
        const result = await (await titan.sync({ credentialId, data: "both" })).result;
        expect(result).toMatchObject({ status: "completed", companyId });
      }
      for (const { companyId, tenant } of companies) {
        const source = { simulator, tenant, companyId, encryptionKey };
        const expected = await undisturbed(source, { data: "both", sink: "database" });
        expect(await database.records("member", companyId)).toEqual(expected.member);
        expect(await database.records("invoice", companyId)).toEqual(expected.invoice);
        expectBalanced((await database.storage.listRuns({ companyId }, { limit: 10_000 })).items);
        for (const feed of ["customers", "invoices", "jobs", "customer-contacts"] as const) {
          expect(await landed(database, companyId, feed)).toEqual(rowsOf(tenant.tenantId, feed));
        }
      }
      if (kind === "PostgreSQL") {
        const deadlocks = "SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()";
        expect(await database.query(deadlocks)).toEqual([{ deadlocks: 0 }]);
      }
      await titan.close();
    });
    await server.close();

    function rowsOf(tenantId: string, feed: SimulatedFeed): ReadonlyMap<number, unknown> {
      return new Map(simulator.rows(tenantId, feed).map((row) => [row.id, row]));
    }
  });
});

async function landed(
  { query }: LookedAt,
  companyId: string,
  feed: SimulatedFeed,
): Promise<ReadonlyMap<number, unknown>> {
  const rows = await query(
    `SELECT CAST(entity_id AS TEXT) AS id, payload FROM entities
    JOIN tenant_scopes USING (scope_id)
    WHERE tenant_scopes.company_id = '${companyId}' AND feed = '${feed}' AND NOT removed`,
  );
  return new Map(rows.map((row) => [Number(row["id"]), JSON.parse(String(row["payload"])) as unknown]));
}

/** Thousands of runs make bars too long to read. */
function countsOf(printed: string): string {
  return printed.replaceAll(/ #+$/gm, "");
}

/** By the machine's clock, which all processes share. */
function expectNoOverlap(messages: readonly TenantsMessage[]): void {
  const ran = messages.filter((message) => message.kind === "ran");
  for (const credentialId of new Set(ran.map((run) => run.credentialId))) {
    const runs = ran
      .filter((run) => run.credentialId === credentialId)
      .sort((left, right) => left.from - right.from);
    for (const [index, run] of runs.entries()) {
      const before = runs[index - 1];
      expect(before === undefined || before.to <= run.from, `${before?.runId} and ${run.runId}`).toBe(true);
    }
  }
}
