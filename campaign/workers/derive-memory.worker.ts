// Derives every invoice again, in a process whose heap is small.

import { createTitanSync, staticKeys } from "@titan-sync/core";
import { postgresSink, postgresStorage } from "@titan-sync/postgres";
import { Pool } from "pg";
import type { DeriveMemoryMessage, DeriveMemoryPlan } from "./derive-memory-plan.js";

const plan = JSON.parse(process.argv[2] ?? "") as DeriveMemoryPlan;

const pool = new Pool({ connectionString: plan.databaseUrl, max: 8 });
const titan = createTitanSync({
  storage: postgresStorage({ pool }),
  sink: postgresSink({ pool }),
  keys: staticKeys(plan.encryptionKey),
  // Another trade than before: every record changes.
  company: async () => ({ trade: "Plumbing", importId: 7, timeZone: "America/Chicago" }),
});
const run = await titan.sync({ credentialId: plan.credentialId, data: "invoices", rederive: true });
const { status, ledger } = await run.result;
const message: DeriveMemoryMessage = {
  status,
  delivered: ledger.successful,
  peakMb: Math.round(process.resourceUsage().maxRSS / 1024),
};
process.stdout.write(`${JSON.stringify(message)}\n`);
await titan.close();
await pool.end();
