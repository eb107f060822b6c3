import type { Storage } from "@titan-sync/core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../../test/postgres/database.js";
import { isSqlTransaction } from "../database/sql-transaction.js";
import { postgresStorage } from "./postgres-storage.js";

let database: TestDatabase;
let storage: Storage;
beforeAll(async () => {
  database = await createTestDatabase();
  storage = postgresStorage({ pool: database.pool });
});
afterAll(() => database.drop());

it("a scheduler that froze in its turn kept all others from starting anything for two minutes", async () => {
  const scope = { companyId: "acme", environment: "production", tenantId: "42" } as const;
  const secrets = { clientId: "x", clientSecret: "x", appKey: "x" };
  await storage.createCredential({ id: "acme", ...scope, ...secrets, status: "connected" });
  const at = Date.UTC(2026, 0, 1);
  await storage.saveSchedule({
    schedule: {
      credentialId: "acme",
      cron: null,
      every: "1m",
      timeZone: "UTC",
      window: null,
      quietDays: [],
      data: "both",
      fullEvery: null,
      enabled: true,
      nextNominalAt: at,
      nextRunAt: at,
      decidedUntil: at - 1,
    },
    expectedRevision: null,
  });
  let limit: unknown = null;
  await storage.claimDueStarts({
    at,
    limit: 10,
    maxPerMinute: 600,
    outageAfterMs: 120_000,
    decide: () => ({
      entries: [],
      decidedUntil: at,
      next: null,
      catchUp: null,
      job: {
        runId: "run",
        credentialId: "acme",
        companyId: "acme",
        type: "scheduled",
        data: "both",
        mode: "incremental",
        fresh: false,
        rederive: false,
        replay: false,
        from: null,
        to: null,
        by: null,
        allowRemovals: false,
        actor: "scheduler",
        priority: "scheduled",
      },
    }),
    async enqueue(job, transaction) {
      if (!isSqlTransaction(transaction)) throw new Error("It has no transaction.");
      const { rows } = await transaction.query<{ limit: string }>(
        `SELECT current_setting('idle_in_transaction_session_timeout') AS limit`,
      );
      limit = rows[0]?.limit;
      return { runId: job.runId, outcome: "queued" };
    },
  });
  expect(limit).toBe("10s");
});
