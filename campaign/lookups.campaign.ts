import type { Storage, TenantScope } from "@titan-sync/core";
import { openRun } from "@titan-sync/core/testing";
import { postgresStorage } from "@titan-sync/postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { capturing, type Statement, scannedTables } from "../test/postgres/captured-statements.js";
import { createTestDatabase, type TestDatabase } from "../test/postgres/database.js";
import { isSample, report } from "./support/campaign.js";
import { fillDatabase, namesOf, type Sizes } from "./support/fill-database.js";

const sizes: Sizes = isSample
  ? { runs: 20_000, entities: 60_000, companies: 2000 }
  : { runs: 1_000_000, entities: 2_000_000, companies: 2000 };

const { companyId, credentialId, runId, ...names } = namesOf(7);
const scope = names.scope as TenantScope;
const others = [companyId, namesOf(8).companyId, namesOf(9).companyId];
const now = Date.now();
const day = 24 * 60 * 60_000;
const lastWeek = { from: now - 8 * day, to: now - 7 * day };
const tableOfOneRow = "scheduler";
const page = { limit: 50 };
const ids = ["28", "828", "1628"];

/** Reads a page and the one behind it. */
async function twoPages(list: (cursor: string | null) => Promise<{ readonly next: string | null }>) {
  const { next } = await list(null);
  if (next !== null) await list(next);
}

const lookups: Readonly<Record<string, (storage: Storage) => Promise<unknown>>> = {
  "a credential by id": (storage) => storage.findCredential(credentialId),
  "a credential by company and environment": (storage) =>
    storage.listCredentials({ companyId, environment: "production" }, page),
  "the active credentials": (storage) =>
    twoPages((cursor) => storage.listCredentials({ status: "connected" }, { ...page, cursor })),
  "the credentials with errors": (storage) => storage.listCredentials({ status: "error" }, page),
  "credentials whose token ends soon": (storage) =>
    storage.listCredentials({ tokenExpiresBefore: now + 5 * 60_000 }, page),
  "credentials of several companies": (storage) => storage.listCredentials({ companyIds: others }, page),
  "a run by id": (storage) => storage.findRun(runId),
  "a run by an id that was accepted": (storage) => storage.findRun(`accepted-${runId}`),
  "a credential's state": (storage) => storage.findCredentialState(credentialId),
  "the outcomes of a schedule's starts": (storage) =>
    twoPages((cursor) => storage.listStarts({ credentialId }, { limit: 20, cursor })),
  "a schedule that is due": (storage) =>
    storage.claimDueStarts({
      at: Date.now(),
      limit: 100,
      maxPerMinute: 600,
      outageAfterMs: day,
      decide: () => {
        throw new Error("No schedule is due yet.");
      },
      enqueue: () => Promise.reject(new Error("No schedule is due yet.")),
    }),
  "the run of a credential that is running": (storage) => storage.findCurrentRun(credentialId),
  "the newest runs": (storage) => twoPages((cursor) => storage.listRuns({}, { ...page, cursor })),
  "a company's runs": (storage) => twoPages((cursor) => storage.listRuns({ companyId }, { ...page, cursor })),
  "several companies' runs": (storage) =>
    twoPages((cursor) => storage.listRuns({ companyIds: others }, { ...page, cursor })),
  "a credential's runs": (storage) =>
    twoPages((cursor) => storage.listRuns({ credentialId }, { ...page, cursor })),
  "failed runs": (storage) =>
    twoPages((cursor) => storage.listRuns({ status: "failed" }, { ...page, cursor })),
  "a company's failed runs": (storage) =>
    twoPages((cursor) => storage.listRuns({ companyId, status: "failed" }, { ...page, cursor })),
  "a credential's last completed run": (storage) =>
    storage.listRuns({ credentialId, status: "completed" }, { limit: 1 }),
  "runs by date": (storage) => twoPages((cursor) => storage.listRuns(lastWeek, { ...page, cursor })),
  "a company's runs by date": (storage) =>
    twoPages((cursor) => storage.listRuns({ companyId, ...lastWeek }, { ...page, cursor })),
  "a credential's runs by date": (storage) =>
    twoPages((cursor) => storage.listRuns({ credentialId, ...lastWeek }, { ...page, cursor })),
  "a history with every filter": (storage) =>
    storage.listRuns(
      { companyId, credentialId, status: "completed", type: "manual", data: "both", ...lastWeek },
      page,
    ),
  "figures of a company": (storage) => storage.sumRuns({ companyId }),
  "figures of a credential": (storage) => storage.sumRuns({ credentialId }),
  "figures of a day": (storage) => storage.sumRuns({ from: now - day, to: now }),
  "figures of a company's week": (storage) => storage.sumRuns({ companyId, ...lastWeek }),
  "figures by day": (storage) => storage.dailyRunMetrics({ credentialIds: [credentialId], ...lastWeek }),
  "a company's rejections": (storage) =>
    twoPages((cursor) => storage.listRejections({ companyId }, { ...page, cursor })),
  "a credential's rejections": (storage) => storage.listRejections({ credentialId }, page),
  "the newest rejections": (storage) => storage.listRejections({}, page),
  "a company's records": (storage) =>
    twoPages((cursor) => storage.listRecords({ record: "member", companyId }, { ...page, cursor })),
  "a company's details": (storage) => storage.findCompany(companyId),
  "a company's audit log": (storage) =>
    twoPages((cursor) => storage.listAudit({ companyId }, { ...page, cursor })),
  "the audit log": (storage) => storage.listAudit({}, page),
  "a tenant's cursors": (storage) => storage.findCursors(scope),
  "entities by id": (storage) => storage.findEntities({ scope, feed: "customers", ids }),
  "entities by their first link": (storage) =>
    storage.findEntitiesByLink({ scope, feed: "invoices", link: "customer", ids }),
  "entities by their second link": (storage) =>
    storage.findEntitiesByLink({ scope, feed: "invoices", link: "location", ids }),
  "entities by their third link": (storage) =>
    storage.findEntitiesByLink({ scope, feed: "invoices", link: "job", ids }),
  "sizes of entities by id": (storage) => storage.findEntitySizes({ scope, feed: "customers", ids }),
  "sizes of entities by a link": (storage) =>
    storage.findEntitySizesByLink({ scope, feed: "invoices", link: "customer", ids }),
  "a step of counting entities": (storage) =>
    storage.countEntities({ scope, feed: "customers", after: null, limit: 100, since: 0 }),
  "a step through what was delivered": (storage) =>
    storage.listDeliveredRecords({ scope, record: "member", after: null, limit: 100 }),
  "a credential's lease": (storage) => storage.findLease(credentialId),
  "what was delivered of records": (storage) =>
    storage.findDeliveredRecords({ scope, record: "member", ids }),
  "batches that are to be sent": (storage) => storage.listStagedBatches(scope),
  "whether anything was landed": (storage) => storage.hasLandedData(scope),
  "landed ids": (storage) => storage.listEntityIds({ scope, feed: "customers", after: null, limit: 100 }),
  "listed ids": (storage) =>
    storage.listPendingIds({ scope, record: "invoice", feed: "invoices", after: null, limit: 100 }),
  "how much is listed": (storage) => storage.countPendingIds({ scope, record: "invoice", feed: "invoices" }),
  "current records": (storage) => storage.findCurrentRecords({ scope, record: "member", ids }),
  "a company's tenants": (storage) => storage.listTenants(companyId),
  "beginning and ending a run": async (storage) => {
    const { lease } = await openRun(storage, {
      credentialId,
      scope,
      runId: "run-of-this-test",
      leaseMs: 60_000,
    });
    await storage.renewLease({ lease, leaseMs: 60_000 });
    const listed = {
      lease,
      scope,
      record: "invoice",
      feed: "invoices",
      after: null,
      limit: 100,
      seenOnly: false,
    } as const;
    const keys = await storage.claimKeys(listed);
    await storage.settleKeys({
      lease,
      scope,
      record: "invoice",
      feed: "invoices",
      batchId: null,
      settlement: {
        items: keys.map((key) => ({ ...key, outcome: "unchanged" })),
        figures: {
          derived: keys.length,
          delivered: 0,
          removed: 0,
          unchanged: keys.length,
          leftOut: 0,
          rejected: 0,
          warned: 0,
        },
      },
    });
    await storage.endRun({ lease, status: "completed", warnings: [], error: null });
  },
};

describe(`with ${sizes.runs} runs and ${sizes.entities} entities`, () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
    const began = performance.now();
    await fillDatabase(database.pool, sizes);
    report(`The database was filled in ${((performance.now() - began) / 1000).toFixed(0)} s.`);
  }, 900_000);
  afterAll(() => database.drop());

  test.each(Object.entries(lookups))("%s: no table is read from end to end", async (_, look) => {
    const statements: Statement[] = [];
    await look(postgresStorage({ pool: capturing(database.pool, statements) }));
    expect(statements.length).toBeGreaterThan(0);
    for (const statement of statements) {
      const scanned = await scannedTables(database.pool, statement);
      expect(
        scanned.filter((table) => table !== tableOfOneRow),
        statement.text,
      ).toEqual([]);
    }
  });
});
