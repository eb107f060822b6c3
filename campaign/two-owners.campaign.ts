import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { systemClock } from "@titan-sync/core";
import { describeTwoOwners } from "@titan-sync/core/testing";
import { postgresStorage } from "@titan-sync/postgres";
import { migrate, openSqlite, sqliteStorage } from "@titan-sync/sqlite";
import { createTestDatabase } from "../test/postgres/database.js";
import { isSample, seed } from "./support/campaign.js";

const extent = { interleavings: isSample ? 20 : 600, steps: isSample ? 20 : 60, seed };

describeTwoOwners({
  ...extent,
  name: `PostgreSQL (seed ${seed})`,
  async setup() {
    const { pool, drop } = await createTestDatabase();
    return {
      storage: postgresStorage({ pool }),
      close: drop,
      async passTime(ms, credentialId) {
        await pool.query(
          `UPDATE titan_sync.leases SET expires_at = expires_at - $2 * interval '1 millisecond'
          WHERE credential_id = $1`,
          [credentialId, ms],
        );
      },
      driftMs: 20_000,
    };
  },
});

describeTwoOwners({
  ...extent,
  name: `SQLite (seed ${seed})`,
  async setup() {
    const directory = await mkdtemp(path.join(tmpdir(), "titan-sync-owners-"));
    let now = Date.now();
    const database = openSqlite({
      path: path.join(directory, "titan-sync.db"),
      clock: { ...systemClock, now: () => now },
    });
    await migrate({ database });
    return {
      storage: sqliteStorage({ database }),
      async close() {
        await database.close();
        rmSync(directory, { recursive: true, force: true });
      },
      passTime(ms) {
        now += ms;
      },
    };
  },
});
