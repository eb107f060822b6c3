import { postgresStorage } from "@titan-sync/postgres";
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
