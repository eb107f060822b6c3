import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { systemClock } from "@titan-sync/core";
import { postgresStorage } from "@titan-sync/postgres";
import { migrate, openSqlite, sqliteStorage } from "@titan-sync/sqlite";
import { afterAll, beforeAll, describe, test } from "vitest";
import { checkTwoOwners } from "../packages/core/src/memory/__fixtures__/two-owners.js";
import { createTestDatabase, type TestDatabase } from "../test/postgres/database.js";
import { isSample, seed } from "./support/campaign.js";

describe("two workers that believe they own the same run, on PostgreSQL", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  const runs = isSample ? 50 : 600;
  test(`never write under a stale lease and lose no change, in ${runs} interleavings (seed ${seed})`, async () => {
    const storage = postgresStorage({ pool: database.pool });
    await checkTwoOwners({
      open: () => ({
        storage,
        async passTime(ms, credentialId) {
          await database.pool.query(
            `UPDATE titan_sync.leases SET expires_at = expires_at - $2 * interval '1 millisecond'
            WHERE credential_id = $1`,
            [credentialId, ms],
          );
        },
        driftMs: 20_000,
      }),
      runs,
      steps: isSample ? 20 : 60,
      seed,
    });
  });
});

describe("two workers that believe they own the same run, on SQLite", () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "titan-sync-owners-"));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const runs = isSample ? 50 : 600;
  test(`never write under a stale lease and lose no change, in ${runs} interleavings (seed ${seed})`, async () => {
    let now = Date.now();
    const database = openSqlite({
      path: path.join(directory, "titan-sync.db"),
      clock: { ...systemClock, now: () => now },
    });
    await migrate({ database });
    const storage = sqliteStorage({ database });
    await checkTwoOwners({
      open: () => ({
        storage,
        passTime(ms) {
          now += ms;
        },
        driftMs: 0,
      }),
      runs,
      steps: isSample ? 20 : 60,
      seed,
    });
    await database.close();
  });
});
