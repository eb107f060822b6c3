// Serves a simulated ServiceTitan whose rows change all the time and whose feeds fail, and notes each change. `POST /quiet`
// ends both.

import { createServer, type ServerResponse } from "node:http";
import { createSimulator, type InjectedFault, startSimulatorServer } from "@titan-sync/simulator";
import { createDice } from "../support/campaign.js";
import { serverTime } from "../support/fast-clock.js";
import { rollFeedFault } from "../support/feed-faults.js";
import { changedFeeds, type LoggedChange, markedChange } from "../support/freshness-judgment.js";
import type { BusyTenantsMessage, BusyTenantsPlan, ChangesAnswer, RowsAnswer } from "./busy-tenants-plan.js";

const plan = JSON.parse(process.argv[2] ?? "") as BusyTenantsPlan;
const dice = createDice(`busy tenants ${plan.seed}`);
const simulator = createSimulator({
  seed: plan.seed,
  tenants: Array.from({ length: plan.tenants }, () => ({
    customers: plan.customers,
    invoices: plan.invoices,
  })),
  now: () => serverTime(plan.clock, Date.now()),
  rateLimitPerSecond: null,
  exportPageSize: plan.exportPageSize,
  latencyMs: plan.latencyMs,
  // As long as usual by the machine's clock.
  tokenLifeSeconds: 900 * plan.clock.rate,
});
const tenantIds = simulator.tenants.map(({ tenantId }) => tenantId) as [string, ...string[]];
const seenFeeds = [...changedFeeds, "locations"] as const;

const changes: (LoggedChange & { readonly tenantId: string })[] = [];
let faults: InjectedFault[] = [];
let struck = 0;

function change(): void {
  const tenantId = dice.pick(tenantIds);
  const feed = dice.pick(changedFeeds);
  const rows = simulator.rows(tenantId, feed);
  const row = rows[dice.integer(0, rows.length - 1)];
  if (row === undefined) return;
  const { marker, set } = markedChange(feed, changes.length + 1);
  simulator.mutate(tenantId, { kind: "edit", feed, id: row.id, set });
  const changed = simulator.rows(tenantId, feed).find(({ id }) => id === row.id);
  changes.push({ tenantId, feed, id: row.id, at: Date.parse(String(changed?.["modifiedOn"])), marker });
}

function endFaults(): void {
  struck += faults.reduce((sum, fault) => sum + fault.hits(), 0);
  for (const fault of faults) fault.remove();
  faults = [];
}

function changeFaults(): void {
  endFaults();
  for (const tenantId of tenantIds.slice(tenantIds.length - plan.faultyTenants)) {
    for (let count = dice.integer(0, 2); count > 0; count -= 1) {
      faults.push(simulator.faults.inject({ ...rollFeedFault(dice), tenantId }));
    }
  }
}

const changing = setInterval(change, 1000 / plan.changesPerSecond);
const failing = setInterval(changeFaults, plan.faultsEveryMs);

function answer(response: ServerResponse, body: unknown): void {
  response.setHeader("content-type", "application/json").end(JSON.stringify(body));
}

function rowsOfAll(): RowsAnswer {
  const rowsOf = (tenantId: string) =>
    Object.fromEntries(seenFeeds.map((feed) => [feed, simulator.rows(tenantId, feed)]));
  return Object.fromEntries(tenantIds.map((tenantId) => [tenantId, rowsOf(tenantId)]));
}

const log = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://log");
  if (pathname === "/rows") return answer(response, rowsOfAll());
  if (pathname === "/quiet") {
    clearInterval(changing);
    clearInterval(failing);
    endFaults();
  }
  const after = Number(searchParams.get("after") ?? 0);
  answer(response, { changes: changes.slice(after), faults: struck } satisfies ChangesAnswer);
});
log.listen(0, "127.0.0.1", async () => {
  const address = log.address();
  const { url } = await startSimulatorServer(simulator);
  const port = address !== null && typeof address === "object" ? address.port : 0;
  const ready: BusyTenantsMessage = {
    kind: "ready",
    url,
    logUrl: `http://127.0.0.1:${port}`,
    tenants: simulator.tenants,
  };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
});
