import { appendFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createQueueDispatcher, generateEncryptionKey, type StoredStart } from "@titan-sync/core";
import { migratePgBoss, pgBossJobQueue } from "@titan-sync/pg-boss";
import { migrate, postgresSink, postgresStorage } from "@titan-sync/postgres";
import { Pool } from "pg";
import { expect, test } from "vitest";
import { openPostgresStores } from "../test/sync/postgres-stores.js";
import { createDice, isSample, report, seed } from "./support/campaign.js";
import {
  type ChaosCompany,
  connectCompanies,
  differingCompanies,
  everyMs,
  openTitanAt,
  undisturbedCompanies,
} from "./support/chaos-companies.js";
import { type FleetCommand, type Stopping, startFleet } from "./support/chaos-fleet.js";
import { addNotes, readNotes } from "./support/chaos-notes.js";
import { fastClock } from "./support/fast-clock.js";
import { createHistogram } from "./support/histogram.js";
import { createTriggers, type RepeatedTriggers } from "./support/repeated-triggers.js";
import { type Stop, startRestartableServer } from "./support/restartable-server.js";
import { startSilentProxy } from "./support/silent-proxy.js";
import { watchStalls } from "./support/stalls.js";
import { ledgerFaults } from "./support/start-ledger-faults.js";
import { hooks, startWorker } from "./support/worker-process.js";
import type { BusyTenantsMessage, BusyTenantsPlan, ChangesAnswer } from "./workers/busy-tenants-plan.js";
import type { ChaosPlan } from "./workers/chaos-plan.js";
import type { FreshnessObserverMessage, FreshnessObserverPlan } from "./workers/freshness-observer-plan.js";

const minute = 60_000;
/** The short form has shorter leases, still long for a busy machine; the long one has what users have. */
const form = isSample
  ? {
      workers: 3,
      companies: 3,
      faulty: 1,
      durationMs: 6_000,
      killEveryMs: 1_500,
      stopEveryMs: 4_000,
      restartEveryMs: 3_500,
      silenceEveryMs: 2_500,
      freezeEveryMs: 2_000,
      freezeMs: 9_000,
      triggerEveryMs: 400,
      limits: { leaseMs: 8_000, timeoutMs: 6_000 },
      clockRate: 300,
      latencyMs: 60,
      changesPerSecond: 5,
    }
  : {
      workers: 10,
      companies: 50,
      faulty: 6,
      durationMs: 10 * minute,
      killEveryMs: 5_000,
      stopEveryMs: 30_000,
      restartEveryMs: 80_000,
      silenceEveryMs: 45_000,
      freezeEveryMs: 100_000,
      freezeMs: 45_000,
      triggerEveryMs: 1_500,
      limits: null,
      clockRate: 15,
      latencyMs: 300,
      changesPerSecond: 4,
    };
const concurrency = isSample ? 2 : 4;
/** How long a dead worker's run may be shown as running: its lease and ten seconds. */
const shownForMs = (form.limits?.leaseMs ?? 30_000) + 10_000;
/** How long a worker may take to stop. */
const stopMs = 10_000;
/** How long the fleet may take for what is left when the disturbances are over. */
const settleMs = (isSample ? 2 : 8) * minute;

const program = fileURLToPath(new URL("../packages/runner/dist/bin.js", import.meta.url));
const host = fileURLToPath(new URL("workers/chaos.worker.ts", import.meta.url));

test("workers that die, freeze and lose their database lose no sync and no start, double none, and never claim to be fresh when they are not", async () => {
  const server = await startRestartableServer(["max_connections=600"]);
  const port = Number(new URL(server.url).port);
  const proxy = await startSilentProxy(port);
  const databaseUrl = `${server.url}/postgres`;
  const silentUrl = databaseUrl.replace(`:${port}`, `:${proxy.port}`);
  const logDirectory = await mkdtemp(path.join(tmpdir(), "titan-sync-chaos-"));
  const pool = new Pool({ connectionString: databaseUrl, max: 10 });
  pool.on("error", () => undefined);
  await migrate({ pool });
  await migratePgBoss({ pool });
  await addNotes(pool);

  const clock = fastClock(form.clockRate, form.durationMs + settleMs + 5 * minute);
  const busyTenants: BusyTenantsPlan = {
    seed,
    tenants: form.companies,
    customers: 8,
    invoices: 14,
    clock,
    latencyMs: form.latencyMs,
    exportPageSize: 10,
    changesPerSecond: form.changesPerSecond,
    faultyTenants: form.faulty,
    faultsEveryMs: isSample ? 1_500 : 20_000,
  };
  const ready = Promise.withResolvers<BusyTenantsMessage>();
  const tenants = startWorker<BusyTenantsMessage>("busy-tenants", busyTenants, ready.resolve);
  const { url, logUrl, tenants: simulated } = await ready.promise;

  const encryptionKey = generateEncryptionKey();
  const storage = postgresStorage({ pool });
  const queue = pgBossJobQueue({ pool, storage });
  const titan = openTitanAt({ url, encryptionKey, storage, sink: postgresSink({ pool }) });
  const connected = await connectCompanies(titan, simulated, form.faulty);
  const companies = isSample ? await makeDue(connected) : connected;
  const triggers = createTriggers({
    dispatcher: createQueueDispatcher({ titan, storage, queue }),
    companies: companies as [ChaosCompany, ...ChaosCompany[]],
    dice: createDice("triggers"),
  });

  let disturbedAt = 0;
  const fleet = startFleet(
    Array.from({ length: form.workers }, (_, index) => command(index)),
    { logDirectory, mayFailToStart: (startedAt) => disturbedAt > startedAt - 30_000 },
  );
  const faults: string[] = [];
  const found = createHistogram();
  let claimed = 0;
  let mostLost = 0;
  /** How late a process wakes up on this machine at most, in milliseconds: it may have other work. */
  let mostLateMs = 0;
  let lookedAt = Number.POSITIVE_INFINITY;
  const plan: FreshnessObserverPlan = {
    databaseUrl,
    logUrl,
    clock,
    companies: companies.map(({ companyId, tenant, scheduledAt }) => ({
      companyId,
      tenantId: tenant.tenantId,
      scheduledAt,
    })),
    everyMs: isSample ? 1_000 : 1_500,
  };
  const observer = startWorker<FreshnessObserverMessage>("freshness-observer", plan, judge);
  const stallsMs = watchStalls();
  const stoppings: Stopping[] = [];
  const disturbances = createHistogram();
  const chaos = new AbortController();
  let isFine = false;

  try {
    await fleet.ready();
    await disturb();
    const calm = (await (await fetch(`${logUrl}/quiet`, { method: "POST" })).json()) as ChangesAnswer;
    await titan.schedules.changeMany({ changes: { enabled: false } });
    while (triggers.open > 0) await triggers.repeat();
    await settle();
    for (const company of companies) await triggers.triggerFresh(company);
    while (triggers.open > 0) await triggers.repeat();
    await settle();
    await fleet.ready();
    stoppings.push(...(await fleet.close()));
    observer.kill();
    const results = await findFaults(triggers);
    report(
      [
        `\nWorkers under chaos (seed ${seed}): ${form.companies} companies, ${form.workers} workers, ${fleet.started} processes started, ${calm.changes.length} changes, ${calm.faults} faults of feeds; at most ${mostLost} runs lost at once; processes woke up at most ${Math.round(Math.max(mostLateMs, stallsMs()))} ms late; stopping took at most ${Math.round(Math.max(...stoppings.map(({ tookMs }) => tookMs)))} ms and handed over ${stoppings.flatMap(({ handedOver }) => handedOver).length} runs; ${triggers.answers.size} triggers, ${triggers.repeats} repeated; ${claimed} changes claimed to be delivered when last looked at.`,
        disturbances.print(),
        found.print(),
        "",
      ].join("\n"),
    );
    const nothing = Object.fromEntries(Object.keys(results).map((name) => [name, []]));
    expect(results).toEqual(nothing);
    expect(claimed).toBeGreaterThan(0);
    expect(found.count("credentials seen fresh")).toBeGreaterThan(0);
    isFine = true;
  } finally {
    chaos.abort();
    await fleet.close();
    observer.kill();
    tenants.kill();
    await titan.close();
    await queue.close();
    await storage.close();
    await pool.end();
    await proxy.close();
    await server.close();
    if (isFine) await rm(logDirectory, { recursive: true, force: true });
    else report(`The workers' logs are in ${logDirectory}.`);
  }

  /** Half of the fleet are processes of a host, and half `titan-sync worker`; some reach the database through the proxy. */
  function command(index: number): FleetCommand {
    const name = `worker-${index + 1}`;
    const address = index % 3 === 0 ? silentUrl : databaseUrl;
    if (!isSample && index % 2 === 0) {
      return {
        name,
        parameters: [program, "worker", "--json", "--concurrency", String(concurrency)],
        environment: {
          HOME: logDirectory,
          NODE_COMPILE_CACHE: path.join(tmpdir(), "titan-sync-compile-cache"),
          TITAN_SYNC_DATABASE_URL: address,
          TITAN_SYNC_ENCRYPTION_KEYS: encryptionKey,
          TITAN_SYNC_API_URL: url,
          TITAN_SYNC_AUTH_URL: url,
          TITAN_SYNC_RATE_LIMIT: "500",
        },
      };
    }
    const own: ChaosPlan = {
      databaseUrl: address,
      simulatorUrl: url,
      encryptionKey,
      concurrency,
      limits: form.limits,
    };
    return {
      name,
      parameters: ["--import", hooks, host, JSON.stringify(own)],
      environment: { NODE_COMPILE_CACHE: path.join(tmpdir(), "titan-sync-compile-cache") },
    };
  }

  /** Of each schedule, the last start before it was saved is still to be decided. */
  async function makeDue(all: readonly ChaosCompany[]): Promise<readonly ChaosCompany[]> {
    await pool.query(
      `UPDATE titan_sync.schedules SET next_nominal_at = next_nominal_at - interval '1 minute',
        next_run_at = next_run_at - interval '1 minute',
        decided_until = next_nominal_at - interval '60001 milliseconds'`,
    );
    return all.map((company) => ({ ...company, firstNominalAt: company.firstNominalAt - everyMs }));
  }

  function disturbance(name: string): void {
    disturbances.add(name);
    appendFileSync(path.join(logDirectory, "disturbances.log"), `${new Date().toISOString()} ${name}\n`);
  }

  async function disturb(): Promise<void> {
    const [kills, stops, freezes, restarts] = [
      createDice("kills"),
      createDice("stops"),
      createDice("freezes"),
      createDice("restarts"),
    ];
    await Promise.all([
      every(form.triggerEveryMs, async () => {
        await triggers.trigger();
        return true;
      }),
      every(form.killEveryMs, async () => {
        const isKilled = fleet.kill((count) => kills.integer(0, count - 1));
        if (isKilled) disturbance("SIGKILL");
        return isKilled;
      }),
      every(form.killEveryMs, async () => {
        await triggers.repeat();
        return true;
      }),
      every(form.stopEveryMs, async () => {
        const stopping = await fleet.stop((count) => stops.integer(0, count - 1));
        if (stopping === null) return false;
        stoppings.push(stopping);
        disturbance("SIGTERM");
        return true;
      }),
      every(form.freezeEveryMs, async () => {
        const isFrozen = await fleet.freeze((count) => freezes.integer(0, count - 1), form.freezeMs);
        if (isFrozen) disturbance("SIGSTOP, then SIGCONT");
        return isFrozen;
      }),
      every(form.silenceEveryMs, async () => {
        proxy.swallow();
        disturbedAt = Date.now();
        disturbance("connections silent");
        return true;
      }),
      every(form.restartEveryMs, async () => {
        const how = restarts.pick<Stop>(["fast", "immediate"]);
        disturbedAt = Date.now();
        await server.stop(how);
        await delay(restarts.integer(0, 2_000));
        await server.start();
        disturbedAt = Date.now();
        disturbance(`PostgreSQL stopped, ${how}`);
        return true;
      }),
    ]);
  }

  /** @param work - returns whether it could: it does at least once, however slow the machine is. */
  async function every(ms: number, work: () => Promise<boolean>): Promise<void> {
    const from = performance.now();
    let isDone = false;
    for (
      let next = from + ms;
      !isDone || next < from + form.durationMs;
      next = Math.max(next + ms, performance.now())
    ) {
      await delay(Math.max(0, next - performance.now()), undefined, { signal: chaos.signal });
      if (await work()) isDone = true;
    }
  }

  /** Waits until nothing waits and nothing runs. */
  async function settle(): Promise<void> {
    const until = performance.now() + settleMs;
    for (;;) {
      const { waiting, claimed: inHand } = await queue.stats();
      const left = waiting.manual + waiting.scheduled + waiting.bulk + inHand;
      if (left === 0) return;
      if (performance.now() > until) {
        const { items } = await queue.listWaiting({ limit: 20 });
        throw new Error(`${left} jobs are left, of which wait: ${JSON.stringify(items)}`);
      }
      await delay(500);
    }
  }

  function judge(message: FreshnessObserverMessage): void {
    if (message.kind === "fault") faults.push(message.text);
    if (message.kind === "blind") {
      found.add(`no look: ${message.code}`);
      lookedAt = Number.POSITIVE_INFINITY;
    }
    if (message.kind !== "looked") return;
    mostLateMs = Math.max(mostLateMs, message.from - lookedAt - plan.everyMs);
    lookedAt = message.to;
    claimed = message.claimed;
    mostLost = Math.max(mostLost, message.lost);
    found.add("looks at all credentials");
    for (const [state, count] of Object.entries(message.states)) {
      found.add(`credentials seen ${state}`, count);
    }
    for (const { runId, pid } of message.running) {
      const since = pid === null ? null : fleet.goneSince(pid);
      const shownMs = since === null ? 0 : message.from - since;
      if (shownMs > shownForMs)
        faults.push(`run ${runId} is shown as running ${shownMs} ms after its worker's death`);
    }
  }

  async function startsOf({ credentialId }: ChaosCompany): Promise<readonly StoredStart[]> {
    return (await storage.listStarts({ credentialId }, { limit: 1000 })).items;
  }

  /** Everything that must be empty. */
  async function findFaults({
    answers,
  }: RepeatedTriggers): Promise<Readonly<Record<string, readonly unknown[]>>> {
    const oddStarts: string[] = [];
    const isFaulty = new Map(companies.map((company) => [company.credentialId, company.isFaulty]));
    const acceptedIds = new Map<string, readonly string[]>(
      [...answers].map(([id, found]) => [id, [...found]]),
    );
    for (const company of companies) {
      const starts = await startsOf(company);
      const schedule = await storage.findSchedule(company.credentialId);
      const until = (schedule?.updatedAt ?? 0) - everyMs;
      for (const fault of ledgerFaults(starts, { ...company, everyMs, until }))
        oddStarts.push(`${company.companyId}: ${fault}`);
      for (const { outcome, reason, runId, count } of starts) {
        found.add(`starts ${outcome}${reason === null ? "" : `, ${reason}`}`, count);
        if (runId !== null && !acceptedIds.has(runId)) acceptedIds.set(runId, []);
        if (outcome === "missed") oddStarts.push(`${company.companyId} missed ${count} starts`);
      }
    }

    const oddSyncs: string[] = [];
    const fulfilling = new Set<string>();
    for (const [id, answered] of acceptedIds) {
      const run = await storage.findRun(id);
      if (run === null || run.completedAt === null) {
        oddSyncs.push(`${id} leads to no run that has ended`);
        continue;
      }
      fulfilling.add(run.id);
      found.add(`accepted syncs ${run.status}`);
      if (run.status !== "completed" && isFaulty.get(run.credentialId) !== true)
        oddSyncs.push(`${id} leads to a run that is ${run.status}: ${run.error?.code}`);
      for (const other of answered) {
        if ((await storage.findRun(other))?.id !== run.id) oddSyncs.push(`${id} was answered with ${other}`);
      }
    }
    const renamed: string[] = [];
    for (const id of stoppings.flatMap(({ handedOver }) => handedOver)) {
      if ((await storage.findRun(id))?.id !== id) renamed.push(id);
    }
    const { runIds, jobs, ...notes } = await readNotes(pool);
    const unexpected: string[] = [];
    for (const id of runIds) {
      if (fulfilling.has(id)) continue;
      // While its job rested, a different request was triggered: then its id leads to the run that began instead.
      const instead = await storage.findRun(id);
      if (instead !== null && instead.id !== id && fulfilling.has(instead.id)) found.add("runs superseded");
      else unexpected.push(id);
    }
    found.add("runs", runIds.length);
    found.add("jobs", jobs);
    const { records } = openPostgresStores(pool, async () => undefined);
    return {
      faults,
      accidents: fleet.accidents,
      stoppedLate: stoppings.filter(({ tookMs }) => tookMs > stopMs + Math.max(mostLateMs, stallsMs())),
      stoppedBadly: stoppings.filter(({ exitCode }) => exitCode !== 0),
      oddStarts,
      oddSyncs,
      renamed,
      ...notes,
      runsThatNobodyAskedFor: unexpected,
      differences: await undisturbedCompanies(companies, { url, encryptionKey }, (theirs) =>
        differingCompanies(companies, records, theirs),
      ),
    };
  }
});
