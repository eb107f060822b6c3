import type { VerifyRequest } from "@titan-sync/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../postgres/database.js";
import { openPostgresStores } from "./postgres-stores.js";
import { createWorld } from "./world.js";

describe("a check on PostgreSQL", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  /** A hash of each table's rows, by the table's name. */
  async function dump(): Promise<Readonly<Record<string, string>>> {
    const { rows: tables } = await database.pool.query<{ name: string }>(
      "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'titan_sync' ORDER BY tablename",
    );
    const hashes: Record<string, string> = {};
    for (const { name } of tables) {
      const { rows } = await database.pool.query<{ hash: string }>(
        `SELECT md5(coalesce(string_agg(row::text, '|' ORDER BY row::text), '')) AS hash FROM titan_sync.${name} row`,
      );
      hashes[name] = rows[0]?.hash ?? "";
    }
    return hashes;
  }

  test("agrees after syncs, writes nothing, and names what somebody changed meanwhile", async () => {
    const stores = openPostgresStores(database.pool, async () => undefined);
    const world = await createWorld(stores, { simulator: { exportLagMs: 0 } });
    const check = async (request: VerifyRequest = {}) =>
      (await world.titan.verify({ credentialId: world.credentialId, ...request })).differences.map(
        ({ code, subject }) => `${code} ${subject}`,
      );
    await world.sync();
    world.simulator.mutateRandomly({ count: 15 });
    await world.sync();

    const before = await dump();
    expect(Object.keys(before).length).toBeGreaterThan(10);
    expect(await check({ api: false })).toEqual([]);
    expect(await dump()).toEqual(before);
    expect(await check()).toEqual([]);
    const { audit: _, credentials: __, ...after } = await dump();
    expect(before).toMatchObject(after);

    const { pool } = database;
    await pool.query(
      "DELETE FROM titan_sync.members_stream WHERE source_id = (SELECT min(source_id) FROM titan_sync.members_stream)",
    );
    await pool.query(
      `DELETE FROM titan_sync.delivered_records WHERE record_type = 'invoice'
        AND entity_id = (SELECT max(entity_id) FROM titan_sync.delivered_records WHERE record_type = 'invoice' AND NOT removed)`,
    );
    expect(await check({ api: false })).toEqual([
      "SINK_LACKS member records",
      "RECORDS_MISSING invoice records",
      "SINK_HAS_MORE invoice records",
    ]);
    await world.sync({ mode: "full" });
    expect(await check()).toEqual([]);
  });
});
