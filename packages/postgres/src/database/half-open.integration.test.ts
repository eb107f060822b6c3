import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../../test/postgres/database.js";
import { openDatabase } from "./database.js";
import type { PgClientLike, PgPoolLike } from "./pool.js";

describe("a transaction whose client has silently disappeared", () => {
  let database: TestDatabase;
  const abandonedClients: PgClientLike[] = [];
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(async () => {
    for (const client of abandonedClients) client.release(true);
    await database.drop();
  });

  /** Connections that nothing passes on anymore once a statement holds the word; the server hears no end. */
  function halfOpenAfter(pool: PgPoolLike, word: string): PgPoolLike {
    return {
      async connect() {
        const client = await pool.connect();
        let isSilent = false;
        return {
          async query(text, values) {
            if (isSilent) return await new Promise(() => undefined);
            isSilent = text.includes(word);
            return await client.query(text, values);
          },
          release: () => void abandonedClients.push(client),
          on: (event, listener) => client.on?.(event, listener),
        };
      },
    };
  }

  it("is ended by the server after the timeout, so that others get its locks", async () => {
    const { pool } = database;
    const lock = "SELECT pg_advisory_xact_lock(42)";
    const gone = openDatabase({ pool: halfOpenAfter(pool, "advisory"), timeoutMs: 200 });
    const abandoned = gone.transaction(async (transaction) => {
      await transaction.query(lock);
      await transaction.query("SELECT 1");
    });
    await expect(abandoned).rejects.toMatchObject({ code: "STORAGE", retryable: true });
    const next = openDatabase({ pool, timeoutMs: 10_000 });
    const answer = await next.transaction((transaction) => transaction.query(lock));
    expect(answer.rowCount).toBe(1);
  });
});
