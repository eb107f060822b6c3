// Looks again and again at the states of all credentials and at the records that the sink has, and compares them with
// ServiceTitan's own log of changes.

import { setTimeout as delay } from "node:timers/promises";
import {
  type CredentialStatus,
  createTitanSync,
  generateEncryptionKey,
  type StoredCredentialState,
  staticKeys,
  TitanSyncError,
} from "@titan-sync/core";
import { postgresSink, postgresStorage } from "@titan-sync/postgres";
import { Pool } from "pg";
import { serverTime } from "../support/fast-clock.js";
import {
  type DataType,
  type DeliveredRecords,
  dataTypes,
  findUndelivered,
  type LoggedChange,
  type RecordName,
  type TenantHistory,
} from "../support/freshness-judgment.js";
import type { ChangesAnswer, RowsAnswer } from "./busy-tenants-plan.js";
import type { FreshnessObserverMessage, FreshnessObserverPlan } from "./freshness-observer-plan.js";

const plan = JSON.parse(process.argv[2] ?? "") as FreshnessObserverPlan;
const minute = 60_000;
const exportLagMs = 15 * minute;
/**
 * A credential that is synced each minute is fresh no longer than this after the last good run began: a minute until the
 * next start, its jitter of at most six seconds, two minutes of grace.
 */
const freshForMs = minute + 6_000 + 2 * minute;

const pool = new Pool({ connectionString: plan.databaseUrl, max: 2, connectionTimeoutMillis: 2_000 });
pool.on("error", () => undefined);
const storage = postgresStorage({ pool, timeoutMs: 5_000 });
const titan = createTitanSync({
  storage,
  sink: postgresSink({ pool }),
  // It opens no credential.
  keys: staticKeys(generateEncryptionKey()),
});

function tell(message: FreshnessObserverMessage): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

async function fromLog<Answer>(path: string): Promise<Answer> {
  const response = await fetch(`${plan.logUrl}${path}`);
  return (await response.json()) as Answer;
}

const rows = await fromLog<RowsAnswer>("/rows");
const changesOfRow = new Map<string, LoggedChange[]>();
const times = new Map<string, number[]>();
let known = 0;

async function readLog(): Promise<void> {
  const { changes } = await fromLog<ChangesAnswer>(`/changes?after=${known}`);
  known += changes.length;
  for (const { tenantId, ...change } of changes) {
    const key = `${tenantId} ${change.feed} ${change.id}`;
    changesOfRow.set(key, [...(changesOfRow.get(key) ?? []), change]);
    times.set(tenantId, [...(times.get(tenantId) ?? []), change.at]);
  }
}

const historyOf = (tenantId: string): TenantHistory => ({
  rows: (feed) => rows[tenantId]?.[feed] ?? [],
  changesOf: (feed, id) => changesOfRow.get(`${tenantId} ${feed} ${id}`) ?? [],
});

async function statesNow(): Promise<readonly CredentialStatus[]> {
  return (await titan.status.list({}, { limit: 500 })).items;
}

async function storedNow(): Promise<ReadonlyMap<string, StoredCredentialState>> {
  const { items } = await storage.listCredentialStates({}, { limit: 500 });
  return new Map(items.map((state) => [state.companyId, state]));
}

type Records = Readonly<Record<RecordName, ReadonlyMap<string, Readonly<Record<string, unknown>>>>>;

async function recordsNow(): Promise<Records> {
  const read = async (record: RecordName) => {
    const { rows: found } = await pool.query<{ tenant: string; source_id: string }>(
      `SELECT * FROM titan_sync.${record}s_stream`,
    );
    return new Map(found.map((row) => [`${row.tenant} ${row.source_id}`, { ...row }]));
  };
  return { member: await read("member"), invoice: await read("invoice") };
}

async function rejectedNow(): Promise<ReadonlySet<string>> {
  const { rows: found } = await pool.query<{ key: string }>(
    "SELECT company_id || ' ' || feed || ' ' || entity_id AS key FROM titan_sync.rejections",
  );
  return new Set(found.map(({ key }) => key));
}

/** The states are read first: what is delivered later only counts in their favor. */
async function look(): Promise<void> {
  const from = Date.now();
  const states = await statesNow();
  const stored = await storedNow();
  const records = await recordsNow();
  const rejected = await rejectedNow();
  const to = Date.now();
  // Last: it must hold every change that a state can speak of.
  await readLog();
  const stateOf = new Map(states.map((state) => [state.companyId, state]));
  let claimed = 0;
  for (const { companyId, tenantId, scheduledAt } of plan.companies) {
    const runs = stored.get(companyId)?.runs;
    const history = historyOf(tenantId);
    for (const data of Object.keys(dataTypes) as DataType[]) {
      const delivered: DeliveredRecords = {
        find: (record, id) => records[record].get(`${companyId} ${id}`) ?? null,
        isRejected: (type, id) => rejected.has(`${companyId} ${type} ${id}`),
      };
      const { freshAsOf = null, missing: lacking = [], lastGoodEndedAt = 0 } = runs?.data[data] ?? {};
      const claimedAt = serverTime(plan.clock, lastGoodEndedAt);
      if (freshAsOf !== null) {
        const claim = { data, freshAsOf, lacking, claimedAt };
        report(`${companyId}, ${data}`, findUndelivered(history, claim, delivered));
        claimed += (times.get(tenantId) ?? []).filter((at) => at < freshAsOf).length;
        if (freshAsOf > serverTime(plan.clock, to)) report(companyId, [`${data} is fresh as of the future`]);
      }
      const status = stateOf.get(companyId);
      // Without a schedule it stays so for days.
      if (status?.state !== "fresh" || status.nextRunAt === null) continue;
      // What was never synced is due with the first start of the schedule.
      if (runs?.data[data] === undefined && from - scheduledAt < freshForMs) continue;
      const claim = {
        data,
        freshAsOf: serverTime(plan.clock, from - freshForMs) - exportLagMs,
        lacking: status.missing[data] ?? [],
        claimedAt,
      };
      report(`${companyId} is called fresh: ${data}`, findUndelivered(history, claim, delivered));
    }
  }
  tell({
    kind: "looked",
    from,
    to,
    states: countStates(states),
    running: states.flatMap(({ running }) =>
      running?.status === "running" ? [{ runId: running.runId, pid: running.worker?.pid ?? null }] : [],
    ),
    lost: states.filter(({ running }) => running?.status === "lost").length,
    claimed,
  });
}

function report(whose: string, faults: readonly string[]): void {
  for (const fault of faults) tell({ kind: "fault", text: `${whose}: ${fault}` });
}

function countStates(states: readonly CredentialStatus[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { state } of states) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

for (;;) {
  try {
    await look();
  } catch (error) {
    const code = (error as { readonly code?: unknown }).code;
    if (!TitanSyncError.is(error) && typeof code !== "string" && !isTimeout(error)) throw error;
    tell({ kind: "blind", code: String(code ?? "TIMEOUT") });
  }
  await delay(plan.everyMs);
}

/** `pg` gives its own errors no code. */
function isTimeout(error: unknown): boolean {
  return error instanceof Error && /timeout|terminated/i.test(error.message);
}
