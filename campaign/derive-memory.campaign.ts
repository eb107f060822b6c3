import { createTitanSync, generateEncryptionKey, staticKeys } from "@titan-sync/core";
import { postgresSink, postgresStorage } from "@titan-sync/postgres";
import { createSimulator } from "@titan-sync/simulator";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../test/postgres/database.js";
import { isSample, report, seed } from "./support/campaign.js";
import { startWorker } from "./support/worker-process.js";
import type { DeriveMemoryMessage, DeriveMemoryPlan } from "./workers/derive-memory-plan.js";

const invoices = isSample ? 800 : 2000;
const heapMb = isSample ? 256 : 512;
/** Of each invoice. */
const kilobytes = isSample ? 200 : 150;

describe(`${invoices} invoices of ${kilobytes} KB each, with a heap of ${heapMb} MB`, () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  test("are derived: a batch is limited by bytes, not only by count", async () => {
    const simulator = createSimulator({
      seed,
      rateLimitPerSecond: null,
      exportLagMs: 0,
      tenants: [{ customers: 50, invoices }],
    });
    const [tenant] = simulator.tenants;
    if (tenant === undefined) throw new Error("The simulator has no tenant.");
    const encryptionKey = generateEncryptionKey();
    const { pool, url } = database;
    const titan = createTitanSync({
      storage: postgresStorage({ pool }),
      sink: postgresSink({ pool }),
      keys: staticKeys(encryptionKey),
      company: async () => ({ trade: "HVAC", importId: 7, timeZone: "America/Chicago" }),
      fetch: (input, init) => simulator.handle(new Request(input, init)),
      requestsPerSecond: 1000,
    });
    const { id: credentialId } = await titan.credentials.create({ companyId: "acme", ...tenant });
    const first = await (await titan.sync({ credentialId, data: "invoices" })).result;
    expect(first.status).toBe("completed");
    await titan.close();

    // Line items as large tenants have them, added where they compress: nothing has to be sent.
    await pool.query(
      `UPDATE titan_sync.entities SET payload = left(payload, -1) || ',"lineItems":' || (
        SELECT json_agg(json_build_object('id', n, 'description', 'a usual description of the work done',
          'quantity', '1', 'cost', '1.00', 'total', '1.00', 'skuName', 'SKU-' || n))
        FROM generate_series(1, $1::int) n
      ) || '}' WHERE feed = 'invoices'`,
      [Math.round((kilobytes * 1024) / 125)],
    );
    const { rows } = await pool.query<{ mb: number }>(
      "SELECT (sum(payload_bytes) / 1048576)::int AS mb FROM titan_sync.entities WHERE feed = 'invoices'",
    );

    const plan: DeriveMemoryPlan = { databaseUrl: url, encryptionKey, credentialId };
    const worker = startWorker<DeriveMemoryMessage>("derive-memory", plan, undefined, [
      `--max-old-space-size=${heapMb}`,
    ]);
    await worker.gone;
    const [result] = worker.messages;
    report(`${rows[0]?.mb} MB of invoices derived with at most ${result?.peakMb} MB of memory`);
    expect(result).toMatchObject({ status: "completed", delivered: first.ledger.successful });
  });
});
