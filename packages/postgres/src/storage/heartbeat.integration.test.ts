import { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../../test/postgres/database.js";
import { openDatabase } from "../database/database.js";
import type { HeartbeatConnection } from "../database/heartbeat-connection.js";
import { customer, openOwnRun } from "./__fixtures__/open-run.js";
import { postgresStorage } from "./postgres-storage.js";
import { heartbeat } from "./run-lease.js";

const leaseMs = 60_000;

describe("heartbeats", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it("succeed while a writer of the same run holds its transaction open", async () => {
    const storage = postgresStorage({ pool: database.pool });
    const { lease, scope } = await openOwnRun(storage);
    const opened = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    const settling = storage.settleKeys({
      lease,
      scope,
      record: "member",
      feed: "customers",
      batchId: null,
      settlement: async () => {
        opened.resolve();
        await finish.promise;
        const none = {
          derived: 0,
          delivered: 0,
          removed: 0,
          unchanged: 0,
          leftOut: 0,
          rejected: 0,
          warned: 0,
        };
        return { items: [], figures: none };
      },
    });
    await opened.promise;
    await storage.renewLease({ lease, leaseMs });
    finish.resolve();
    await settling;
  });

  it("queued behind bulk work that held every connection, until the leases were lost", async () => {
    const pool = new Pool({ connectionString: database.url, max: 3 });
    const storage = postgresStorage({ pool });
    const { lease } = await openOwnRun(storage);
    const others = await Promise.all([pool.connect(), pool.connect()]);
    // Nobody gives one back before the heartbeat is answered.
    await storage.renewLease({ lease, leaseMs });
    for (const other of others) other.release();
    await storage.endRun({ lease, status: "completed", warnings: [], error: null });
    await pool.end();
  });

  it("do not delay a pool that is ended during a run", async () => {
    const pool = new Pool({ connectionString: database.url, max: 3 });
    const storage = postgresStorage({ pool });
    await openOwnRun(storage);
    await pool.end();
  });

  it("use any connection of a pool that has none to spare", async () => {
    const pool = new Pool({ connectionString: database.url, max: 1 });
    const storage = postgresStorage({ pool });
    const { lease } = await openOwnRun(storage);
    await storage.renewLease({ lease, leaseMs });
    expect(pool.totalCount).toBe(1);
    await pool.end();
  });

  it("wait no longer for a takeover than they say, on the connection that all of them share", async () => {
    const { pool } = database;
    const storage = postgresStorage({ pool });
    const { lease } = await openOwnRun(storage);
    const { query, tables, transaction } = openDatabase({ pool });
    await transaction(async (takeover) => {
      await takeover.query(`SELECT FROM ${tables.leases} WHERE credential_id = $1 FOR UPDATE`, [
        lease.credentialId,
      ]);
      const hasty: Pick<HeartbeatConnection, "query"> = {
        query: (statement, values) => query(statement("'1'"), values),
      };
      await expect(heartbeat(hasty, tables, { lease, leaseMs })).rejects.toThrow("55P03");
    });
    await storage.endRun({ lease, status: "completed", warnings: [], error: null });
  });

  it("come through between writers that leave no gap", async () => {
    const storage = postgresStorage({ pool: database.pool });
    const run = await openOwnRun(storage, leaseMs);
    let landings = 0;
    let isOver = false;
    // Their transactions overlap: somebody holds the lease's row all the time.
    const writers = [1, 2, 3, 4].map(async (writer) => {
      for (let id = writer; !isOver; id += 4) {
        await run.land({ feed: writer % 2 === 0 ? "customers" : "jobs", entities: [customer(id)] });
        landings += 1;
      }
    });
    try {
      while (landings < 200) await storage.renewLease({ lease: run.lease, leaseMs });
    } finally {
      isOver = true;
      await Promise.all(writers);
    }
  });
});
