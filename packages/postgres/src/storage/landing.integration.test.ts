import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../../test/postgres/database.js";
import { customer, openOwnRun } from "./__fixtures__/open-run.js";
import { postgresStorage } from "./postgres-storage.js";

describe("landing", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it("saves no cursor if its rows do not land", async () => {
    const storage = postgresStorage({ pool: database.pool });
    const run = await openOwnRun(storage);
    const cursor = {
      token: "behind these rows",
      pollBeganAt: null,
      drainedAt: null,
      fullPass: null,
      enqueuedWith: null,
      pageBefore: null,
      backfill: null,
    };
    // PostgreSQL takes no zero character in a text.
    const landing = run.land({ entities: [customer(1), customer(2, "\0")], cursor });
    await expect(landing).rejects.toMatchObject({ code: "STORAGE" });
    expect(await storage.findCursors(run.scope)).toEqual(new Map());
    expect(await storage.findEntities({ scope: run.scope, feed: "customers", ids: ["1"] })).toEqual([]);
    await run.land({ entities: [customer(1)], cursor });
    expect(await storage.findCursors(run.scope)).toEqual(new Map([["customers", cursor]]));
  });
});
