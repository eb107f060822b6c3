import {
  type Clock,
  createTitanSync,
  type FeedSwitch,
  generateEncryptionKey,
  LeaseLostError,
  memoryStorage,
  type RecordBatch,
  type RunLease,
  type Storage,
  type StoredCredentialState,
  type SyncRequest,
  staticKeys,
  type TitanSyncOptions,
} from "@titan-sync/core";
import { createSimulator } from "@titan-sync/simulator";
import { expect } from "vitest";
import type { Dice } from "./campaign.js";
import { rollFeedFault } from "./feed-faults.js";
import {
  changedFeeds,
  type DataType,
  dataTypes,
  findUndelivered,
  type LoggedChange,
  markedChange,
  type RecordName,
  type TenantHistory,
} from "./freshness-judgment.js";

const minute = 60_000;
/** The time after which a run pauses: it has passed once this many steps were taken. */
const pauseMark = 7_777_777;

export interface FreshnessScenario {
  readonly seed: number;
  /** How far our clock is ahead of the server's, in milliseconds. */
  readonly aheadMs: number;
  /** Whether a proxy takes the time away from answers. */
  readonly hasDate: boolean;
  /** The most that one request takes, in milliseconds. */
  readonly requestMs: number;
  readonly exportPageSize: number;
  readonly listPageSize: number;
  readonly steps: number;
}

export function rollFreshness(dice: Dice): FreshnessScenario {
  const hasDate = dice.integer(1, 5) > 1;
  return {
    seed: dice.integer(1, 1_000_000),
    // Without the server's time only so much can be made up for.
    aheadMs: dice.integer(-40, hasDate ? 300 : 40) * minute,
    hasDate,
    requestMs: dice.pick([0, 1_000, minute, 5 * minute]),
    exportPageSize: dice.integer(2, 12),
    listPageSize: dice.integer(2, 12),
    steps: dice.integer(4, 25),
  };
}

/**
 * A random history of a tenant: rows change at any moment, also while feeds are read and while answers are on their way;
 * runs of every kind are paused and killed; feeds fail, are refused, turned off and on again; the sink fails and refuses.
 * After each run no change that is older than `freshAsOf` is undelivered, and in the end everything is fresh.
 */
export async function checkFreshness(scenario: FreshnessScenario, dice: Dice): Promise<void> {
  const world = await createWorld(scenario, dice);
  for (let step = 0; step < scenario.steps; step += 1) {
    for (let changes = dice.integer(0, 3); changes > 0; changes -= 1) world.change();
    world.wait(dice.pick([0, 1, 10, 20, 90, 1_000]) * minute);
    await world.disturbedRun();
    await world.check();
  }
  await world.checkLiveness();
}

async function createWorld(scenario: FreshnessScenario, dice: Dice) {
  let now = Date.UTC(2026, 0, 1);
  let stepsLeft = Number.POSITIVE_INFINITY;
  let cut: "pause" | "kill" = "pause";
  let isDead = false;
  let isSinkDown = false;
  let lease: RunLease | null = null;
  let pause: () => void = () => undefined;
  let markers = 0;
  let isQuiet = false;
  const feedsOff: Partial<Record<string, FeedSwitch>> = {};
  const log: LoggedChange[] = [];
  /** When the run ended that last moved a data type's time, by the server. */
  const claimedAt = new Map<string, number>();
  /** Feeds that the company had turned off in any run since the last good one: their columns are empty by choice. */
  const emptied = new Map<string, readonly string[]>();

  const clock: Clock = {
    now: () => now + scenario.aheadMs,
    /** Waits for a turn or for the next try let their time pass at once; heartbeats and deadlines, whole seconds, end with what they wait for. */
    sleep: (ms, signal) =>
      new Promise<void>((resolve, reject) => {
        if (ms % 1000 !== 0 && ms !== pauseMark) {
          now += Math.ceil(ms);
          setImmediate(resolve);
        }
        if (ms === pauseMark) pause = resolve;
        signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
      }),
  };
  const simulator = createSimulator({
    seed: scenario.seed,
    tenants: [{ customers: 5, invoices: 9 }],
    rateLimitPerSecond: null,
    exportPageSize: scenario.exportPageSize,
    now: () => now,
  });
  const [tenant] = simulator.tenants;
  if (tenant === undefined) throw new Error("The simulator has no tenant.");
  const { tenantId } = tenant;
  const history: TenantHistory = {
    rows: (feed) => simulator.rows(tenantId, feed),
    changesOf: (feed, id) => log.filter((change) => change.feed === feed && change.id === id),
  };

  function step(): void {
    stepsLeft -= 1;
    if (stepsLeft > 0) return;
    if (cut === "kill") isDead = true;
    else pause();
  }

  function change(): void {
    const feed = dice.pick(changedFeeds);
    const rows = simulator.rows(tenantId, feed);
    const row = rows[dice.integer(0, rows.length - 1)];
    if (row === undefined) return;
    markers += 1;
    const { marker, set } = markedChange(feed, markers);
    simulator.mutate(tenantId, { kind: "edit", feed, id: row.id, set });
    const changed = simulator.rows(tenantId, feed).find(({ id }) => id === row.id);
    log.push({ feed, id: row.id, at: Date.parse(String(changed?.["modifiedOn"])), marker });
  }

  function disturb(): void {
    if (isQuiet) return;
    now += dice.integer(0, scenario.requestMs);
    if (dice.integer(1, 6) === 1) change();
  }

  const base = memoryStorage({ clock });
  const records = new Map<
    string,
    { readonly revision: number; readonly record: Readonly<Record<string, unknown>> | null }
  >();
  const refusals = new Set<string>();
  async function sink({ record, items }: RecordBatch) {
    step();
    disturb();
    if (isSinkDown) throw new Error("The sink is down.");
    const rejected: { key: string; reason: string }[] = [];
    for (const item of items) {
      const key = `${record} ${item.key}`;
      refusals.delete(key);
      if (!isQuiet && dice.integer(1, 40) === 1) {
        rejected.push({ key: item.key, reason: "it does not like it" });
        refusals.add(key);
      } else if ((records.get(key)?.revision ?? 0) < item.revision) {
        records.set(key, {
          revision: item.revision,
          record: item.op === "upsert" ? { ...item.record } : null,
        });
      }
    }
    return { rejected };
  }

  const settings: Omit<TitanSyncOptions, "storage"> = {
    sink,
    keys: staticKeys(generateEncryptionKey()),
    company: async () => ({ trade: "HVAC", importId: 7, timeZone: "UTC", feeds: { ...feedsOff } }),
    clock,
    requestsPerSecond: 1000,
    retry: { firstDelayMs: 1, maxDelayMs: 2, jitter: 0, maxAttempts: 6 },
    leaseMs: 3_600_000_000,
    batchSize: 4,
    async fetch(input, init) {
      step();
      disturb();
      const url = new URL(input instanceof Request ? input.url : input);
      const asked = url.searchParams.get("pageSize");
      if (asked !== null) {
        url.searchParams.set("pageSize", String(Math.min(Number(asked), scenario.listPageSize)));
      }
      const answer = await simulator.handle(new Request(url, init));
      const body = await answer.text();
      // What changes while the answer is on its way is not in it, although its time says so.
      disturb();
      const headers = new Headers(answer.headers);
      if (scenario.hasDate) headers.set("date", new Date(now).toUTCString());
      else headers.delete("date");
      return new Response(body, { status: answer.status, headers });
    },
  };
  const titan = createTitanSync({ ...settings, storage: base });
  const { id: credentialId } = await titan.credentials.create({ companyId: "acme", ...tenant });

  function requireAlive(): void {
    if (isDead) throw new LeaseLostError("The process was killed.");
  }

  const writes = [
    "landRows",
    "sweepFeed",
    "enqueueKeys",
    "expandKeys",
    "claimKeys",
    "stageBatch",
    "settleKeys",
  ];
  const mortal = { ...base };
  for (const verb of writes as (keyof Storage)[]) {
    const own = base[verb] as unknown as (params: unknown) => Promise<unknown>;
    Object.assign(mortal, {
      async [verb](params: unknown) {
        requireAlive();
        const answer = await own(params);
        step();
        return answer;
      },
    });
  }
  const killable = createTitanSync({
    ...settings,
    storage: {
      ...mortal,
      async beginRun(params) {
        const begun = await base.beginRun(params);
        lease = begun.lease;
        return begun;
      },
      async renewLease(params) {
        requireAlive();
        return await base.renewLease(params);
      },
      async endRun(params) {
        requireAlive();
        return await base.endRun(params);
      },
    },
  });

  async function run(request: Partial<SyncRequest>): Promise<void> {
    try {
      const handle = await killable.sync({ credentialId, data: "both", ...request });
      await handle.result;
    } catch (error) {
      if (!(error instanceof LeaseLostError)) throw error;
    }
    if (isDead && lease !== null) {
      isDead = false;
      await base.renewLease({ lease, leaseMs: 1 }).catch(() => undefined);
      now += 10;
    }
    lease = null;
  }

  async function state(): Promise<StoredCredentialState> {
    const found = await base.findCredentialState(credentialId);
    if (found === null) throw new Error("The credential has no state.");
    return found;
  }

  async function disturbedRun(): Promise<void> {
    const { data: before } = (await state()).runs;
    const request = rollRequest(dice);
    if (dice.integer(1, 4) === 1) {
      const feed = dice.pick(["customer-contacts", "jobs", "zones", "memberships"] as const);
      if (feedsOff[feed] === undefined) feedsOff[feed] = "off";
      else delete feedsOff[feed];
    }
    for (let faults = dice.integer(0, 2); faults > 0; faults -= 1)
      simulator.faults.inject(rollFeedFault(dice));
    isSinkDown = dice.integer(1, 6) === 1;
    cut = dice.pick(["pause", "kill"]);
    stepsLeft = dice.integer(1, 3) === 1 ? dice.integer(1, 80) : Number.POSITIVE_INFINITY;
    await run({ ...request, stopAfterMs: pauseMark });
    stepsLeft = Number.POSITIVE_INFINITY;
    if (dice.integer(1, 2) === 1) simulator.faults.clear();
    const { data: after } = (await state()).runs;
    if (request.from !== undefined || request.rederive === true) expect(after).toEqual(before);
    for (const [data, { freshAsOf }] of Object.entries(after)) {
      if (freshAsOf !== (before[data]?.freshAsOf ?? null)) claimedAt.set(data, now);
    }
    for (const data of Object.keys(dataTypes)) {
      const hasEnded = after[data]?.lastGoodEndedAt !== before[data]?.lastGoodEndedAt;
      const off = hasEnded ? [] : (emptied.get(data) ?? []);
      emptied.set(data, [...off, ...Object.keys(feedsOff)]);
    }
    for (const [data, { freshAsOf }] of Object.entries(before)) {
      expect(after[data]?.freshAsOf ?? 0, `${data} went back`).toBeGreaterThanOrEqual(freshAsOf ?? 0);
    }
  }

  async function check(): Promise<void> {
    const { data } = (await state()).runs;
    const rejected = await rejectedIds();
    for (const [type, record] of Object.entries(dataTypes) as [DataType, RecordName][]) {
      const { freshAsOf = null, missing = [] } = data[type] ?? {};
      if (freshAsOf === null) continue;
      expect(freshAsOf, "in the future").toBeLessThanOrEqual(now);
      const lacking = [...missing, ...(emptied.get(type) ?? [])];
      const claim = { data: type, freshAsOf, lacking, claimedAt: claimedAt.get(type) ?? 0 };
      const undelivered = findUndelivered(history, claim, {
        find: (name, id) => records.get(`${name} ${id}`)?.record ?? null,
        isRejected: (_, id) => rejected.has(`${type} ${id}`) || refusals.has(`${record} ${id}`),
      });
      expect(undelivered).toEqual([]);
    }
  }

  async function rejectedIds(): Promise<ReadonlySet<string>> {
    const { items } = await titan.rejections.list({ companyId: "acme" }, { limit: 1000 });
    return new Set(items.map(({ feed, entityId }) => `${feed} ${entityId}`));
  }

  return {
    change,
    wait(ms: number): void {
      now += ms;
    },
    disturbedRun,
    check,
    /** What never claims anything is never wrong: undisturbed runs do. */
    async checkLiveness(): Promise<void> {
      simulator.faults.clear();
      for (const feed of Object.keys(feedsOff)) delete feedsOff[feed];
      isSinkDown = false;
      isQuiet = true;
      now += 1_000 * minute;
      const from = now;
      // The first one ends what was begun before.
      for (let runs = 1; runs <= 2; runs += 1) await run({});
      await check();
      const { data, last } = (await state()).runs;
      expect(last).toMatchObject({ status: "completed" });
      const clocksMs = scenario.hasDate
        ? 1_000 + Math.max(0, -scenario.aheadMs)
        : 45 * minute - scenario.aheadMs;
      for (const type of Object.keys(dataTypes)) {
        expect(data[type]?.missing).toEqual([]);
        expect(data[type]?.freshAsOf).toBeGreaterThanOrEqual(from - 15 * minute - clocksMs);
      }
    },
  };
}

function rollRequest(dice: Dice): Partial<SyncRequest> {
  const data = dice.pick(["both", "both", "customers", "invoices"] as const);
  return dice.pick<Partial<SyncRequest>>([
    { data },
    { data },
    { data },
    { data, fresh: true },
    { data, mode: "full", fresh: dice.pick([true, false]) },
    { data, from: "2020-01-01" },
    { data, rederive: true },
    { data, dryRun: true },
  ]);
}
