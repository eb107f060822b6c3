import { setTimeout as delay } from "node:timers/promises";
import type { RecordSinkObject } from "@titan-sync/core";
import { migrate, postgresSink, postgresStorage } from "@titan-sync/postgres";
import type { FaultEffect } from "@titan-sync/simulator";
import { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase } from "../test/postgres/database.js";
import { createDice, isSample, report, seed } from "./support/campaign.js";
import { createHistogram } from "./support/histogram.js";
import { lookAtPostgres } from "./support/looked-at.js";
import { expectBalanced, expectComplete, readOutcome, undisturbed } from "./support/outcome.js";
import { type RestartableServer, type Stop, startRestartableServer } from "./support/restartable-server.js";
import { startSilentProxy } from "./support/silent-proxy.js";
import { openSource, type Source } from "./support/sources.js";
import { openTitan, runUntilCompleted } from "./support/stubborn-run.js";

const rounds = isSample ? 1 : 20;

/** Of this file alone: it is restarted, and has connections that go silent. */
let server: RestartableServer;
beforeAll(async () => {
  server = await startRestartableServer();
});
afterAll(() => server.close());

const outcomeIn = (pool: Pool, { companyId }: Source) =>
  lookAtPostgres(pool, (database) => readOutcome(database, companyId, null));

/** Compares with an undisturbed load of the source's current data. */
async function check(pool: Pool, source: Source): Promise<void> {
  const outcome = await outcomeIn(pool, source);
  expect(outcome.records).toEqual(await undisturbed(source, { data: "both", sink: "database" }));
  expect(outcome).toMatchObject({ unsent: 0, listed: 0 });
  expectBalanced(outcome.runs);
  expectComplete(outcome, source);
}

function openPool(url: string): Pool {
  const pool = new Pool({ connectionString: url, max: 8 });
  pool.on("error", () => undefined);
  return pool;
}

function describeAttempts(what: string) {
  const attempts = createHistogram();
  const disturbances = createHistogram();
  afterAll(() => {
    report(
      `\n${what} (seed ${seed}), attempts at runs:\n${attempts.print()}\ndisturbances:\n${disturbances.print()}\n`,
    );
  });
  return { attempts, disturbances };
}

describe("a database that is stopped and started again and again", () => {
  const { attempts, disturbances } = describeAttempts("PostgreSQL restarted");
  const dice = createDice("restarts");

  test("leaves the same as an undisturbed one", async () => {
    const pool = openPool(`${server.url}/postgres`);
    await migrate({ pool });
    await pool.end();
    for (let round = 1; round <= rounds; round += 1) await playRound(`company-${round}`);
    expect(disturbances.total).toBeGreaterThan(0);

    async function playRound(companyId: string): Promise<void> {
      const pool = openPool(`${server.url}/postgres`);
      const opened = await openSource({
        seed: dice.integer(1, 1_000_000),
        exportPageSize: 10,
        latencyMs: isSample ? 10 : 100,
      });
      const source = { ...opened, companyId };
      const titan = openTitan(source, { storage: postgresStorage({ pool }), sink: postgresSink({ pool }) });
      try {
        const { id } = await titan.credentials.create({ companyId, ...source.tenant });
        const done = new AbortController();
        const restarting = restart(done.signal);
        for (let sync = 1; sync <= (isSample ? 1 : 2); sync += 1) {
          await runUntilCompleted(titan, { credentialId: id }, attempts.add);
          source.simulator.mutateRandomly({ count: 10, seed: dice.integer(1, 1_000_000) });
        }
        done.abort();
        await restarting;
        await runUntilCompleted(titan, { credentialId: id }, attempts.add);
        await check(pool, source);
      } finally {
        await titan.close();
        await source.close();
        await pool.end();
      }
    }

    async function restart(done: AbortSignal): Promise<void> {
      do {
        await delay(dice.integer(200, isSample ? 600 : 2500));
        const how = dice.pick<Stop>(["fast", "immediate"]);
        await server.stop(how);
        await delay(dice.integer(0, 500));
        await server.start();
        disturbances.add(`stopped, ${how}`);
      } while (!done.aborted && !(isSample && disturbances.total >= 2));
    }
  });
});

describe("half-open connections", () => {
  const { attempts, disturbances } = describeAttempts("Half-open connections");
  const dice = createDice("half-open connections");

  test.each(["the storage's database", "its own database"])(
    "stop no run for longer than the timeout, with a sink in %s, and the next one completes",
    async (where) => {
      for (let round = 1; round <= rounds; round += 1) await playRound(where === "its own database");
      expect(disturbances.total).toBeGreaterThan(0);
    },
  );

  async function playRound(isApart: boolean): Promise<void> {
    const serverUrl = server.url;
    const database = await createTestDatabase({ serverUrl });
    const apart = isApart ? await createTestDatabase({ serverUrl }) : null;
    const proxy = await startSilentProxy(Number(new URL(serverUrl).port));
    const through = (url: string): Pool => {
      const address = new URL(url);
      address.port = String(proxy.port);
      return openPool(address.href);
    };
    const source = await openSource({ seed: dice.integer(1, 1_000_000), latencyMs: isSample ? 5 : 30 });
    const pool = through(database.url);
    const sinkPool = apart === null ? pool : through(apart.url);
    const options = { timeoutMs: 700 };
    const sink: RecordSinkObject = postgresSink({ pool: sinkPool, ...options });
    const titan = openTitan(source, { storage: postgresStorage({ pool, ...options }), sink });
    try {
      const { id } = await titan.credentials.create({ companyId: source.companyId, ...source.tenant });
      const done = new AbortController();
      const swallowing = swallow(done.signal);
      const began = performance.now();
      await runUntilCompleted(titan, { credentialId: id }, attempts.add);
      source.simulator.mutateRandomly({ count: 10, seed: dice.integer(1, 1_000_000) });
      done.abort();
      await swallowing;
      await runUntilCompleted(titan, { credentialId: id }, attempts.add);
      expect(performance.now() - began).toBeLessThan(300_000);
      const outcome = await outcomeIn(database.pool, source);
      const records = apart === null ? outcome.records : (await outcomeIn(apart.pool, source)).records;
      expect(records).toEqual(await undisturbed(source, { data: "both", sink: "database" }));
      expect(outcome).toMatchObject({ unsent: 0, listed: 0 });
      expectBalanced(outcome.runs);
      expectComplete({ ...outcome, records }, source);
    } finally {
      await titan.close();
      await proxy.close();
      await Promise.all([pool.end(), ...(apart === null ? [] : [sinkPool.end()])]);
      await source.close();
      await Promise.all([database.drop(), apart?.drop()]);
    }

    async function swallow(done: AbortSignal): Promise<void> {
      for (let times = dice.integer(1, 3); times > 0 && !done.aborted; times -= 1) {
        await delay(dice.integer(50, 900));
        proxy.swallow();
        disturbances.add("connections swallowed");
      }
    }
  }
});

describe("an API with three failures in ten responses", () => {
  const { attempts, disturbances } = describeAttempts("API faults at 30%");
  const dice = createDice("API faults");

  const effects: readonly FaultEffect[] = [
    { kind: "status", status: 500 },
    { kind: "status", status: 503, body: "html" },
    { kind: "reset" },
    { kind: "cut-body" },
    { kind: "cut-json" },
    { kind: "revoked-token" },
    { kind: "repeat-page" },
    { kind: "stuck-token" },
    { kind: "empty-page" },
    { kind: "hang" },
  ];

  test("leads to the same result as a healthy one, or to a failed run that a later one completes", async () => {
    for (let round = 1; round <= rounds; round += 1) {
      const database = await createTestDatabase();
      const source = await openSource({ seed: dice.integer(1, 1_000_000) });
      const { pool } = database;
      const titan = openTitan(source, {
        storage: postgresStorage({ pool }),
        sink: postgresSink({ pool }),
        retry: { firstDelayMs: 1, maxDelayMs: 5, maxAttempts: 5, attemptTimeoutMs: 150 },
      });
      try {
        const { id } = await titan.credentials.create({ companyId: source.companyId, ...source.tenant });
        const faults = effects.map((effect) => ({
          effect,
          // The first fault that applies to a request wins: together they affect three in ten.
          fault: source.simulator.faults.inject({ effect, probability: 1 - 0.7 ** (1 / effects.length) }),
        }));
        for (let sync = 1; sync <= (isSample ? 1 : 3); sync += 1) {
          await runUntilCompleted(titan, { credentialId: id, data: "both" }, attempts.add);
          source.simulator.mutateRandomly({ count: 10, seed: dice.integer(1, 1_000_000) });
        }
        for (const { effect, fault } of faults) {
          for (let hit = fault.hits(); hit > 0; hit -= 1) disturbances.add(effect.kind);
        }
        await runUntilCompleted(titan, { credentialId: id, data: "both" }, attempts.add);
        source.simulator.faults.clear();
        await check(pool, source);
      } finally {
        await titan.close();
        await source.close();
        await database.drop();
      }
    }
    expect(disturbances.total).toBeGreaterThan(0);
  });
});
