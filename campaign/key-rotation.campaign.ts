import { setTimeout as delay } from "node:timers/promises";
import { createTitanSync, staticKeys } from "@titan-sync/core";
import { postgresStorage } from "@titan-sync/postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../test/postgres/database.js";
import { createDice, isSample, report, seed } from "./support/campaign.js";
import { createHistogram } from "./support/histogram.js";
import { openRotationStage, type RotationStage } from "./support/rotation-stage.js";
import { openSource, type Source } from "./support/sources.js";
import { startWorker } from "./support/worker-process.js";
import type { TokenMessage, TokenPlan } from "./workers/token-plan.js";

describe("a key rotation that is killed again and again", () => {
  const kills = isSample ? 2 : 20;
  const credentials = isSample ? 20 : 100;
  const dice = createDice("key rotation");
  const landed = createHistogram();
  let stage: RotationStage;
  beforeAll(async () => {
    stage = await openRotationStage(credentials);
  });
  afterAll(async () => {
    await stage.close();
    report(`\nWhere ${landed.total} kills of keys rotate landed (seed ${seed}):\n${landed.print()}\n`);
  });

  /** One of two kills happens while credentials are re-encrypted, the other at any time after the start. */
  async function killOne(isAimed: boolean, usualMs: number): Promise<boolean> {
    const rotation = stage.rotate();
    const count = dice.integer(1, credentials - 1);
    const afterMs = dice.integer(0, usualMs);
    const due = isAimed ? stage.encrypted(count, rotation) : delay(afterMs);
    await Promise.race([due, rotation.gone]);
    rotation.kill();
    const isKilled = (await rotation.gone) === "killed";
    if (isKilled) landed.add(isAimed ? "among the credentials" : "at any time");
    return isKilled;
  }

  test("leaves every credential readable, and the last one finishes", async () => {
    const startedAt = performance.now();
    await stage.rotate().gone;
    const usualMs = Math.ceil(performance.now() - startedAt);

    for (let attempt = 1; landed.total < kills && attempt <= 30 * kills; attempt += 1) {
      await killOne(attempt % 2 === 1, usualMs);
      await stage.expectReadable();
    }
    expect(landed.total).toBe(kills);

    expect(await stage.rotate().gone).toMatchObject({
      document: { isComplete: true, checked: credentials, failures: [], keysStillUsed: [] },
    });
    await stage.forgetOldKeys();
    await stage.expectReadable();
  });
});

describe("fifty callers in two processes that need one credential's token", () => {
  const rounds = isSample ? 1 : 10;
  let source: Source;
  let database: TestDatabase;
  beforeAll(async () => {
    source = await openSource();
    database = await createTestDatabase();
  });
  afterAll(async () => {
    await source.close();
    await database.drop();
  });

  async function createCredential(companyId: string): Promise<string> {
    const titan = createTitanSync({
      storage: postgresStorage({ pool: database.pool }),
      keys: staticKeys(source.encryptionKey),
      sink: async () => ({ rejected: [] }),
      endpoints: { apiUrl: source.url, authUrl: source.url },
    });
    const { id } = await titan.credentials.create({ companyId, ...source.tenant });
    await titan.close();
    return id;
  }

  test("request it once", async () => {
    for (let round = 1; round <= rounds; round += 1) {
      const plan: TokenPlan = {
        databaseUrl: database.url,
        simulatorUrl: source.url,
        encryptionKey: source.encryptionKey,
        credentialId: await createCredential(`company-${round}`),
        users: 5,
        callersEach: 5,
        startAt: Date.now() + 3000,
      };
      source.simulator.resetCounters();
      const workers = [1, 2].map(() => startWorker<TokenMessage>("token", plan));
      await Promise.all(workers.map((worker) => worker.gone));

      const messages = workers.flatMap((worker) => worker.messages);
      expect(messages.map(({ callers }) => callers)).toEqual([25, 25]);
      expect(new Set(messages.flatMap(({ tokens }) => tokens)).size).toBe(1);
      expect(source.simulator.counters().tokenRequests).toBe(1);
    }
  });
});
