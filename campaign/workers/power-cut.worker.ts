// Writes small and large rows until it is stopped, and reports each commit that was acknowledged.

import { writeSync } from "node:fs";
import { openSqlite, sqliteStorage } from "@titan-sync/sqlite";
import type { PowerCutMessage, PowerCutPlan } from "./power-cut-plan.js";

const plan = JSON.parse(process.argv[2] ?? "") as PowerCutPlan;
const storage = sqliteStorage({ database: openSqlite({ path: plan.path, durable: plan.durable }) });

/** Bypasses buffers of this process: whatever it has reported is true. */
function tell(message: PowerCutMessage): void {
  writeSync(1, `${JSON.stringify(message)}\n`);
}

let next = 0;
async function keepWriting(): Promise<void> {
  while (plan.entries === null || next < plan.entries) {
    next += 1;
    const number = next;
    await storage.appendAudit({
      companyId: "acme",
      actor: "system",
      action: "sync:start",
      subject: String(number),
      outcome: "success",
      requestId: null,
      details: { text: "x".repeat(number % 7 === 0 ? 50_000 : 20) },
    });
    tell({ acknowledged: number });
  }
}
await Promise.all([keepWriting(), keepWriting()]);
