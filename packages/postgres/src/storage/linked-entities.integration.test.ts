import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { capturing, type Statement } from "../../../../test/postgres/captured-statements.js";
import { createTestDatabase, type TestDatabase } from "../../../../test/postgres/database.js";
import { openOwnRun } from "./__fixtures__/open-run.js";
import { postgresStorage } from "./postgres-storage.js";

const contacts = 10_000;
const wanted = 25;

/** Statistics are gathered when they are, not when a feed has been landed. */
const statistics = {
  "from before the feed was landed": { before: "ANALYZE titan_sync.entities", after: "SELECT" },
  "of what there is": { before: "SELECT", after: "ANALYZE titan_sync.entities" },
  "not gathered yet": { before: "SELECT", after: "SELECT" },
};

/** The usual one, and one that makes reading all of a table as tempting as it is where that is large. */
const randomPageCosts = [4, 40];

describe("entities by a link", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it.each(Object.entries(statistics))(
    "are found by its index: statistics %s",
    async (_, { before, after }) => {
      const { pool } = database;
      const { scope } = await openOwnRun(postgresStorage({ pool }));
      await pool.query("ALTER TABLE titan_sync.entities SET (autovacuum_enabled = false)");
      await pool.query("TRUNCATE titan_sync.entities");
      await pool.query("DELETE FROM pg_statistic WHERE starelid = 'titan_sync.entities'::regclass");
      await add(database, "customers", contacts, "NULL");
      await add(database, "invoices", contacts, "id % 1000");
      await pool.query(
        "INSERT INTO titan_sync.feed_links VALUES ('customer-contacts', 'customer', 0) ON CONFLICT DO NOTHING",
      );
      await pool.query(before);
      await add(database, "customer-contacts", contacts, "id / 2");
      await pool.query(after);

      const statements: Statement[] = [];
      const storage = postgresStorage({ pool: capturing(pool, statements) });
      const ids = Array.from({ length: wanted }, (_none, index) => `${index + 1}`);
      const found = await storage.findEntitiesByLink({
        scope,
        feed: "customer-contacts",
        link: "customer",
        ids,
      });
      expect(found).toHaveLength(2 * wanted);
      for (const cost of randomPageCosts) {
        // A lookup descends three levels of the index, and each row is a block at most.
        expect(await blocksOf(database, statements, cost)).toBeLessThan(3 * wanted + 2 * wanted + 100);
      }
    },
  );
});

async function add({ pool }: TestDatabase, feed: string, count: number, link: string): Promise<void> {
  await pool.query(
    `INSERT INTO titan_sync.entities (scope_id, company_id, feed, entity_id, link_0, source, content_hash, used_hash, payload)
    SELECT scope_id, company_id, $1, id, ${link}, 'export', 'hash', 'hash', '{}'
    FROM titan_sync.tenant_scopes, generate_series(1, $2::int) id`,
    [feed, count],
  );
}

/** How many blocks the server looks at for a statement. */
async function blocksOf(
  { pool }: TestDatabase,
  statements: readonly Statement[],
  randomPageCost: number,
): Promise<number> {
  const [{ text, values } = { text: "", values: [] }] = statements;
  const client = await pool.connect();
  await client.query(`SET random_page_cost = ${randomPageCost}`);
  const { rows } = await client.query<{ "QUERY PLAN": readonly { readonly Plan: BlockCounts }[] }>(
    `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`,
    [...values],
  );
  await client.query("RESET random_page_cost");
  client.release();
  const plan = rows[0]?.["QUERY PLAN"][0]?.Plan;
  return (plan?.["Shared Hit Blocks"] ?? Number.NaN) + (plan?.["Shared Read Blocks"] ?? Number.NaN);
}

interface BlockCounts {
  readonly "Shared Hit Blocks": number;
  readonly "Shared Read Blocks": number;
}
