import type { PgPoolLike } from "@titan-sync/postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../../test/postgres/database.js";
import { openOwnRun } from "./__fixtures__/open-run.js";
import { postgresStorage } from "./postgres-storage.js";

describe("the end of a run that has seen very many rows", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  const haveSeen = (runId: string) =>
    database.pool.query(
      `INSERT INTO titan_sync.seen_entities (run_number, company_id, feed, entity_id)
      SELECT run_number, company_id, 'jobs', id FROM titan_sync.runs, generate_series(1, 25000) id WHERE run_id = $1`,
      [runId],
    );
  const countSeen = async (runId: string): Promise<number> => {
    const { rows } = await database.pool.query<{ seen: number }>(
      `SELECT count(*)::int AS seen FROM titan_sync.seen_entities
      WHERE run_number = (SELECT run_number FROM titan_sync.runs WHERE run_id = $1)`,
      [runId],
    );
    return rows[0]?.seen ?? -1;
  };

  /** A pool whose deletions of seen ids are counted, or fail. */
  function watching(deleted: number[], fails: boolean): PgPoolLike {
    return {
      async connect() {
        const client = await database.pool.connect();
        return {
          async query(text, values) {
            const isDeletion = text.includes("DELETE FROM") && text.includes("seen_entities");
            if (isDeletion && fails) throw Object.assign(new Error("cancelled"), { code: "57014" });
            const result = (await client.query(text, values === undefined ? undefined : [...values])) as {
              readonly rowCount: number | null;
              readonly rows: readonly object[];
            };
            if (isDeletion) deleted.push(result.rowCount ?? 0);
            return result as never;
          },
          release: (error) => client.release(error),
        };
      },
    };
  }

  it("deletes its seen ids in steps, which no time limit of a single statement can stop", async () => {
    const deleted: number[] = [];
    const storage = postgresStorage({ pool: watching(deleted, false) });
    const { lease, run } = await openOwnRun(storage);
    await haveSeen(run.id);
    await storage.endRun({ lease, status: "completed", warnings: [], error: null });
    expect(deleted).toEqual([10_000, 10_000, 5000]);
    expect(await countSeen(run.id)).toBe(0);
  });

  it("is stored even if they cannot be deleted now, and pruning deletes them later", async () => {
    const storage = postgresStorage({ pool: watching([], true) });
    const { lease, run } = await openOwnRun(storage);
    await haveSeen(run.id);
    const ended = await storage.endRun({ lease, status: "completed", warnings: [], error: null });
    expect(ended.status).toBe("completed");
    expect(await countSeen(run.id)).toBe(25_000);
    const pruning = postgresStorage({ pool: database.pool });
    expect(await pruning.pruneSeenIds({ limit: 20_000 })).toBe(20_000);
    expect(await pruning.pruneSeenIds({ limit: 20_000 })).toBe(5000);
    expect(await pruning.pruneSeenIds({ limit: 20_000 })).toBe(0);
    expect(await countSeen(run.id)).toBe(0);
  });

  it("keeps them if the run is only paused", async () => {
    const storage = postgresStorage({ pool: database.pool });
    const { lease, run } = await openOwnRun(storage);
    await haveSeen(run.id);
    await storage.endRun({ lease, status: "paused", warnings: [], error: null });
    expect(await countSeen(run.id)).toBe(25_000);
  });
});
