import { eachItem } from "../async/each-page.js";
import type { FeedName } from "../feeds/feed.js";
import { stalest } from "../ledger/runs-state.js";
import type { Clock } from "../ports/clock.js";
import type {
  CredentialPause,
  CredentialStateFilter,
  EndedRun,
  StoredCredentialState,
} from "../ports/credential-state.js";
import type { Page, PageRequest } from "../ports/page.js";
import type { StoredSchedule } from "../ports/schedule-store.js";
import type { Storage } from "../ports/storage.js";
import type { RunRequest, RunStatus, RunWorker, StoredRun, SyncType } from "../ports/sync-run.js";
import { plansFor, type RecordCatalog } from "../records/definitions/catalog.js";
import { type CredentialStateName, credentialStates, judgeCredential, pauseAt } from "./judge-credential.js";

/** A run that has not ended. */
export interface CurrentRun {
  readonly runId: string;
  /** `lost` when its worker is gone; `paused` and `queued` when nobody works on it. */
  readonly status: RunStatus;
  readonly type: SyncType;
  readonly data: RunRequest["data"];
  readonly mode: RunRequest["mode"];
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** The feed of which it last read something; `null` before that. Feeds are read in parallel. */
  readonly feed: FeedName | null;
  /** Rows read so far, of all feeds. */
  readonly rows: number;
  readonly worker: RunWorker | null;
  /** When its worker last gave a sign of life, in epoch milliseconds. */
  readonly lastBeatAt: number;
}

/** How a credential stands. Times are epoch milliseconds. */
export interface CredentialStatus
  extends Pick<
    StoredCredentialState,
    "credentialId" | "companyId" | "environment" | "tenantId" | "connection"
  > {
  readonly state: CredentialStateName;
  /** Why, in one sentence. */
  readonly why: string;
  /**
   * By data type (the name of its driver feed): every change that ServiceTitan made before this time is delivered or
   * rejected. `null` if that is not known; a data type that was never synced is absent.
   */
  readonly freshAsOf: Readonly<Record<FeedName, number | null>>;
  /** The feeds that `freshAsOf` does not speak of, by data type: they are refused, turned off, or not yet read. */
  readonly missing: Readonly<Record<FeedName, readonly FeedName[]>>;
  /** The pause that it is in. */
  readonly pause: CredentialPause | null;
  /** When its schedule starts the next run; `null` without one, and while the credential is paused or refused. */
  readonly nextRunAt: number | null;
  /** The run that has not ended; it is no state of its own. */
  readonly running: CurrentRun | null;
  readonly last: EndedRun | null;
  readonly lastGood: EndedRun | null;
  /** Failed runs since the last good one, and when the first of them ended. */
  readonly failures: number;
  readonly failingSince: number | null;
  /** When the first partial run ended since the last one that was complete. */
  readonly degradedSince: number | null;
}

export interface StatusFilter extends CredentialStateFilter {
  /** Only credentials in one of these states. @defaultValue any state */
  readonly states?: readonly CredentialStateName[] | undefined;
}

/** How all credentials stand together. */
export interface StatusSummary {
  readonly credentials: number;
  readonly states: Readonly<Record<CredentialStateName, number>>;
  /** The oldest `freshAsOf` of any data type, in epoch milliseconds; `null` if there is none. */
  readonly oldestFreshAsOf: number | null;
  /** Credentials with a run that a worker owns. */
  readonly running: number;
  /** Credentials with a run whose worker is gone. */
  readonly lost: number;
}

/** How credentials stand, read from what their runs left behind: never counted over history. */
export interface Status {
  /** `null` for an unknown credential. */
  find(credentialId: string): Promise<CredentialStatus | null>;
  /** The worst first: credentials that were never fresh, then those that are the stalest. */
  list(filter: StatusFilter, page: PageRequest): Promise<Page<CredentialStatus>>;
  /** Counts credentials by state. */
  summary(filter: CredentialStateFilter): Promise<StatusSummary>;
}

interface StatusOptions {
  readonly catalog: RecordCatalog;
  readonly store: Pick<
    Storage,
    "findCredentialState" | "listCredentialStates" | "findSchedule" | "listSchedules"
  >;
  readonly clock: Clock;
}

/** States in one look for a summary. */
const statesAtOnce = 500;

export function createStatus({ catalog, store, clock }: StatusOptions): Status {
  function toStatus(stored: StoredCredentialState, schedule: StoredSchedule | null): CredentialStatus {
    const now = clock.now();
    const { runs, current } = stored;
    const scheduledData =
      schedule === null ? [] : plansFor(catalog, schedule.data).map(({ driver }) => driver);
    const { state, why } = judgeCredential(stored, { schedule, scheduledData, now });
    const isIdle = state === "paused" || state === "refused";
    return {
      credentialId: stored.credentialId,
      companyId: stored.companyId,
      environment: stored.environment,
      tenantId: stored.tenantId,
      connection: stored.connection,
      state,
      why,
      freshAsOf: mapValues(runs.data, ({ freshAsOf }) => freshAsOf),
      missing: mapValues(runs.data, ({ missing }) => missing),
      pause: pauseAt(stored, now),
      nextRunAt: isIdle ? null : (schedule?.nextRunAt ?? null),
      running: current === null ? null : currentRun(current),
      last: runs.last,
      lastGood: runs.lastGood,
      failures: runs.failures,
      failingSince: runs.failingSince,
      degradedSince: runs.degradedSince,
    };
  }

  const withSchedule = async (stored: StoredCredentialState): Promise<CredentialStatus> =>
    toStatus(stored, await store.findSchedule(stored.credentialId));

  return {
    async find(credentialId) {
      const stored = await store.findCredentialState(credentialId);
      return stored === null ? null : await withSchedule(stored);
    },

    async list({ states, ...filter }, page) {
      const items: CredentialStatus[] = [];
      let { cursor } = page;
      do {
        const limit = page.limit - items.length;
        const found = await store.listCredentialStates(filter, { limit, cursor });
        const judged = await Promise.all(found.items.map(withSchedule));
        items.push(...judged.filter(({ state }) => states === undefined || states.includes(state)));
        cursor = found.next;
      } while (cursor !== null && items.length < page.limit);
      return { items, next: cursor };
    },

    async summary(filter) {
      const { companyId, companyIds } = filter;
      const schedules = new Map<string, StoredSchedule>();
      const listSchedules = (page: PageRequest) => store.listSchedules({ companyId, companyIds }, page);
      for await (const schedule of eachItem(listSchedules, { pageSize: statesAtOnce })) {
        schedules.set(schedule.credentialId, schedule);
      }
      const counts = new Map<CredentialStateName, number>();
      let credentials = 0;
      let running = 0;
      let lost = 0;
      let oldestFreshAsOf: number | null = null;
      const listStates = (page: PageRequest) => store.listCredentialStates(filter, page);
      for await (const stored of eachItem(listStates, { pageSize: statesAtOnce })) {
        const { state } = toStatus(stored, schedules.get(stored.credentialId) ?? null);
        counts.set(state, (counts.get(state) ?? 0) + 1);
        credentials += 1;
        if (stored.current?.status === "running") running += 1;
        if (stored.current?.status === "lost") lost += 1;
        oldestFreshAsOf ??= stalest(stored.runs);
      }
      const byState = Object.fromEntries(credentialStates.map((state) => [state, counts.get(state) ?? 0]));
      const states = byState as Readonly<Record<CredentialStateName, number>>;
      return { credentials, states, oldestFreshAsOf, running, lost };
    },
  };
}

function currentRun({
  id,
  status,
  type,
  request,
  startedAt,
  updatedAt,
  feeds,
  lastFeed,
  worker,
}: StoredRun): CurrentRun {
  return {
    runId: id,
    status,
    type,
    data: request.data,
    mode: request.mode,
    startedAt,
    feed: lastFeed,
    rows: Object.values(feeds).reduce((sum, { read }) => sum + read, 0),
    worker,
    lastBeatAt: updatedAt,
  };
}

function mapValues<Value, Result>(
  values: Readonly<Record<string, Value>>,
  map: (value: Value) => Result,
): Readonly<Record<string, Result>> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value)]));
}
