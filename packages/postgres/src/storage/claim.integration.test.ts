import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { capturing, type Statement } from "../../../../test/postgres/captured-statements.js";
import { createTestDatabase, type TestDatabase } from "../../../../test/postgres/database.js";
import { openOwnRun } from "./__fixtures__/open-run.js";
import { postgresStorage } from "./postgres-storage.js";

const listed = 20_000;
const batch = 200;

describe("a claim while another session holds a snapshot", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it("scans the dead rows of settled keys once, not with every batch", async () => {
    const { pool } = database;
    const statements: Statement[] = [];
    const { lease, scope } = await openOwnRun(postgresStorage({ pool }));
    await pool.query("ALTER TABLE titan_sync.work_items SET (autovacuum_enabled = false)");
    await pool.query(
      `INSERT INTO titan_sync.work_items (scope_id, company_id, record, feed, entity_id)
      SELECT scope_id, company_id, 'member', 'customers', id
      FROM titan_sync.tenant_scopes, generate_series(1, $1::int) id`,
      [listed],
    );
    await pool.query("ANALYZE titan_sync.work_items");
    const other = await pool.connect();
    await other.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
    await other.query("SELECT count(*) FROM titan_sync.work_items");
    // Nine tenths are claimed and settled, and stay as dead rows for the other session's sake.
    await pool.query("UPDATE titan_sync.work_items SET claimed_fence = 0 WHERE entity_id <= $1", [
      listed * 0.9,
    ]);
    await pool.query("DELETE FROM titan_sync.work_items WHERE entity_id <= $1", [listed * 0.9]);

    const storage = postgresStorage({ pool: capturing(pool, statements) });
    const claim = {
      lease,
      scope,
      record: "member",
      feed: "customers",
      limit: batch,
      seenOnly: false,
    } as const;
    const first = await storage.claimKeys({ ...claim, after: null });
    expect(first).toHaveLength(batch);
    const fromTheLowest = await blocksOf(database, statements);
    statements.length = 0;
    await storage.claimKeys({ ...claim, after: first.at(-1)?.id ?? null });
    const goingOn = await blocksOf(database, statements);
    await other.query("ROLLBACK");
    other.release();
    // Each claimed key is found, locked and changed, each time by its index, and looked up among the delivered.
    expect(goingOn).toBeLessThan(25 * batch);
    expect(goingOn).toBeLessThan(fromTheLowest / 4);
  });
});

/** How many blocks the server looks at to claim once more with the same values. */
async function blocksOf({ pool }: TestDatabase, statements: readonly Statement[]): Promise<number> {
  const claim = statements.find(({ text }) => text.includes("claimed_fence"));
  const { rows } = await pool.query<{ "QUERY PLAN": readonly { readonly Plan: BlockCounts }[] }>(
    `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${claim?.text}`,
    [...(claim?.values ?? [])],
  );
  const plan = rows[0]?.["QUERY PLAN"][0]?.Plan;
  return (plan?.["Shared Hit Blocks"] ?? Number.NaN) + (plan?.["Shared Read Blocks"] ?? Number.NaN);
}

interface BlockCounts {
  readonly "Shared Hit Blocks": number;
  readonly "Shared Read Blocks": number;
}
