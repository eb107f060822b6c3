import { eachItem } from "../async/each-page.js";
import type { StoredAlerts } from "../ports/alert-store.js";
import type { StoredCredentialState } from "../ports/credential-state.js";
import type { JobQueue } from "../ports/job-queue.js";
import type { PageRequest } from "../ports/page.js";
import type { StoredSchedule } from "../ports/schedule-store.js";
import type { Storage } from "../ports/storage.js";
import { plansFor, type RecordCatalog } from "../records/definitions/catalog.js";
import { latenessOf, pauseAt } from "../status/judge-credential.js";
import type { AlertSnapshot, DayFigures, ObservedCredential, PlatformMeasures } from "./alert-snapshot.js";

/** What a look for alerts reads. */
export type SnapshotStorage = Pick<
  Storage,
  "listCredentialStates" | "listSchedules" | "findRun" | "dailyRunMetrics" | "findLastTick" | "listWorkers"
>;

/** What one process keeps from look to look, so that each reads little. */
export interface SnapshotMemory {
  /** The codes of the warnings of each credential's last run. */
  readonly warnings: Map<string, { readonly runId: string; readonly codes: readonly string[] }>;
  days: { readonly hour: number; readonly byCredential: ReadonlyMap<string, readonly DayFigures[]> } | null;
}

export const newSnapshotMemory = (): SnapshotMemory => ({ warnings: new Map(), days: null });

export interface SnapshotOptions {
  readonly storage: SnapshotStorage;
  readonly queue: Pick<JobQueue, "stats">;
  readonly catalog: RecordCatalog;
  readonly memory: SnapshotMemory;
  /** The channels of this program. */
  readonly channels: readonly string[];
  readonly watchingSince: number;
  readonly clockAheadMs: number;
  readonly platform: PlatformMeasures;
  readonly signal: AbortSignal;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Four weeks before yesterday, and a day on both sides. */
const knownDays = 31;
/** Credentials in one look. */
const statesAtOnce = 500;
const metricsAtOnce = 200;
/** Runs whose warnings one look reads: the rest has to wait for the next. */
const runsAtOnce = 500;

export async function readSnapshot(
  { now: at, channels }: StoredAlerts,
  options: SnapshotOptions,
): Promise<AlertSnapshot> {
  const { storage, queue, catalog, memory, signal } = options;
  const schedules = new Map<string, StoredSchedule>();
  const listSchedules = (page: PageRequest) => storage.listSchedules({}, page);
  for await (const schedule of eachItem(listSchedules, { pageSize: statesAtOnce, signal })) {
    schedules.set(schedule.credentialId, schedule);
  }
  const states: StoredCredentialState[] = [];
  const listStates = (page: PageRequest) => storage.listCredentialStates({}, page);
  for await (const state of eachItem(listStates, { pageSize: statesAtOnce, signal })) states.push(state);
  await readWarnings(storage, memory, states);
  await readDays(storage, memory, states, at);
  const credentials = states.map((stored): ObservedCredential => {
    const schedule = schedules.get(stored.credentialId) ?? null;
    const scheduledData =
      schedule === null ? [] : plansFor(catalog, schedule.data).map(({ driver }) => driver);
    const isPaused = pauseAt(stored, at) !== null;
    const known = memory.warnings.get(stored.credentialId);
    return {
      stored,
      isPaused,
      lateness: isPaused ? null : latenessOf(stored, { schedule, scheduledData, now: at }),
      warnings: stored.runs.last === null ? [] : known?.runId === stored.runs.last.runId ? known.codes : null,
      days: memory.days?.byCredential.get(stored.credentialId) ?? null,
    };
  });
  return {
    at,
    credentials,
    queue: await queue.stats(),
    workers: await storage.listWorkers(),
    schedules: [...schedules.values()].filter(({ enabled }) => enabled).length,
    lastTick: await storage.findLastTick(),
    watchingSince: options.watchingSince,
    channels: channels.filter(({ channel }) => options.channels.includes(channel)),
    clockAheadMs: options.clockAheadMs,
    platform: options.platform,
  };
}

async function readWarnings(
  storage: SnapshotStorage,
  { warnings }: SnapshotMemory,
  states: readonly StoredCredentialState[],
): Promise<void> {
  const ids = new Set(states.map(({ credentialId }) => credentialId));
  for (const id of warnings.keys()) if (!ids.has(id)) warnings.delete(id);
  const unread = states
    .filter(({ credentialId, runs }) => {
      const { last } = runs;
      return last !== null && last.status !== "failed" && warnings.get(credentialId)?.runId !== last.runId;
    })
    .slice(0, runsAtOnce);
  for (const { credentialId, runs } of unread) {
    if (runs.last === null) continue;
    const { runId } = runs.last;
    const run = await storage.findRun(runId);
    // A run that is no longer there warns of nothing.
    warnings.set(credentialId, { runId, codes: run?.warnings.map(({ code }) => code) ?? [] });
  }
}

/** Once an hour: it is much to read, and days change slowly. */
async function readDays(
  storage: SnapshotStorage,
  memory: SnapshotMemory,
  states: readonly StoredCredentialState[],
  at: number,
): Promise<void> {
  const hour = Math.floor(at / hourMs);
  if (memory.days?.hour === hour) return;
  const byCredential = new Map<string, DayFigures[]>(states.map(({ credentialId }) => [credentialId, []]));
  const ids = [...byCredential.keys()];
  for (let from = 0; from < ids.length; from += metricsAtOnce) {
    const days = await storage.dailyRunMetrics({
      credentialIds: ids.slice(from, from + metricsAtOnce),
      from: at - knownDays * dayMs,
      to: at + dayMs,
    });
    for (const { credentialId, day, rowsRead, derived, rejected } of days) {
      byCredential.get(credentialId)?.push({ day, rowsRead, derived, rejected });
    }
  }
  memory.days = { hour, byCredential };
}
