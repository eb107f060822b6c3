// Syncs its own tenant into a file that others use at the same time. Any error ends it.

import { openSqlite, sqliteStorage } from "@titan-sync/sqlite";
import type { WriterMessage, WriterPlan } from "./writer-plan.js";

const plan = JSON.parse(process.argv[2] ?? "") as WriterPlan;
const { companyId, batches, rowsInBatch } = plan;

function tell(message: WriterMessage): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

const database = openSqlite({ path: plan.path });
const storage = sqliteStorage({ database });
const scope = { companyId, environment: "production", tenantId: "42" } as const;
const known = await storage.findCredential(companyId);
if (known === null) {
  const secrets = { clientId: "x", clientSecret: "x", appKey: "x" };
  await storage.createCredential({ id: companyId, ...scope, ...secrets, status: "connected" });
}
const leaseMs = 5000;
const { lease } = await storage.beginRun({
  credentialId: companyId,
  scope,
  type: "manual",
  request: {
    data: "both",
    mode: "incremental",
    fresh: false,
    rederive: false,
    range: null,
    allowRemovals: false,
  },
  runId: `run of ${companyId} by ${process.pid}`,
  leaseMs,
});
const beating = setInterval(() => {
  storage.renewLease({ lease, leaseMs }).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
}, leaseMs / 5);

for (let batch = 0; batch < batches; batch += 1) {
  await storage.landRows({
    lease,
    scope,
    feed: "customers",
    source: "export",
    entities: Array.from({ length: rowsInBatch }, (_, index) => {
      const id = String(batch * rowsInBatch + index + 1);
      return { id, payload: `{"id":${id}}`, contentHash: id, usedHash: id, modifiedOn: null, links: {} };
    }),
    rejections: [],
    touches: [{ record: "member", feed: "customers", link: null }],
    repeated: 0,
    cursor: null,
    endsPage: true,
    markSeen: false,
    healsBefore: null,
  });
  tell({ kind: "landed", batches: batch + 1 });
}
clearInterval(beating);
await storage.endRun({ lease, status: "completed", warnings: [], error: null });
await database.close();
tell({ kind: "ended" });
