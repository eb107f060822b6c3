import { randomUUID } from "node:crypto";
import type { FeedName, LinkIds, Storage } from "@titan-sync/core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../../test/postgres/database.js";
import { customer, type OpenedRun, openOwnRun } from "./__fixtures__/open-run.js";
import { postgresStorage } from "./postgres-storage.js";

describe("links of a feed", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  const opened: Storage[] = [];
  const open = (): Storage => {
    const storage = postgresStorage({ pool: database.pool });
    opened.push(storage);
    return storage;
  };
  // Each keeps a connection for the heartbeats of its run.
  afterEach(() => Promise.all(opened.splice(0).map((storage) => storage.close())));

  const land = ({ land: landRows }: OpenedRun, feed: FeedName, id: number, links: LinkIds) =>
    landRows({ feed, entities: [{ ...customer(id), links }] });
  const idsBy = async (storage: Storage, { scope }: OpenedRun, feed: FeedName, link: string) => {
    const found = await storage.findEntitiesByLink({ scope, feed, link, ids: ["7"] });
    return found.map((row) => row.id);
  };
  const columnsOf = async (feed: FeedName) => {
    const text = "SELECT name, position FROM titan_sync.feed_links WHERE feed = $1 ORDER BY position";
    const { rows } = await database.pool.query<{ name: string; position: number }>(text, [feed]);
    return rows.map((row) => [row.name, row.position]);
  };

  it("that several processes see for the first time at the same moment get one column each", async () => {
    const feed = `feed-${randomUUID()}`;
    const names = ["customer", "job", "location"];
    const storages = Array.from({ length: 3 }, open);
    const runs = await Promise.all(storages.map((storage) => openOwnRun(storage)));
    await Promise.all(
      runs.map((run, index) => {
        const order = [...names.slice(index % 3), ...names.slice(0, index % 3)].slice(0, 1 + (index % 3));
        return land(run, feed, index + 1, Object.fromEntries(order.map((name) => [name, "7"])));
      }),
    );
    expect((await columnsOf(feed)).map(([, position]) => position)).toEqual([0, 1, 2]);
    // Whoever landed it, each storage finds it under its name.
    for (const [index, run] of runs.entries()) {
      const order = [...names.slice(index % 3), ...names.slice(0, index % 3)];
      for (const [place, name] of order.entries()) {
        const expected = place <= index % 3 ? [String(index + 1)] : [];
        for (const storage of storages) expect(await idsBy(storage, run, feed, name)).toEqual(expected);
      }
    }
  });

  it("that another process adds later are read by a storage that already knows the first ones", async () => {
    const feed = `feed-${randomUUID()}`;
    const [first, second] = [open(), open()];
    const run = await openOwnRun(first);
    await land(run, feed, 1, { customer: "7" });
    const sizes = () => second.findEntitySizes({ scope: run.scope, feed, ids: ["1"] });
    expect((await sizes())[0]?.links).toEqual({ customer: "7" });
    expect(await idsBy(second, run, feed, "job")).toEqual([]);
    await land(run, feed, 1, { job: "7", customer: null });
    const moved = {
      ...customer(1),
      contentHash: "moved",
      usedHash: "moved",
      links: { job: "7", customer: null },
    };
    await run.land({ feed, entities: [moved] });
    expect((await sizes())[0]?.links).toEqual({ customer: null, job: "7" });
    expect(await idsBy(second, run, feed, "job")).toEqual(["1"]);
    expect(await idsBy(second, run, feed, "customer")).toEqual([]);
  });

  it("of a landing that was rolled back are not known to the storage that tried it", async () => {
    const feed = `feed-${randomUUID()}`;
    const [first, second] = [open(), open()];
    const [ours, theirs] = [await openOwnRun(first), await openOwnRun(second)];
    const tooLarge = { ...customer(1), id: "99999999999999999999", links: { customer: "7" } };
    await expect(ours.land({ feed, entities: [tooLarge] })).rejects.toMatchObject({ code: "STORAGE" });
    expect(await columnsOf(feed)).toEqual([]);
    await land(theirs, feed, 2, { job: "7" });
    await land(ours, feed, 1, { customer: "7" });
    expect(await columnsOf(feed)).toEqual([
      ["job", 0],
      ["customer", 1],
    ]);
    expect(await idsBy(first, ours, feed, "customer")).toEqual(["1"]);
    expect(await idsBy(first, ours, feed, "job")).toEqual([]);
  });

  it("that exceed the number of columns are refused by name, and nothing of the landing is stored", async () => {
    const feed = `feed-${randomUUID()}`;
    const storage = open();
    const run = await openOwnRun(storage);
    await land(run, feed, 1, { a: "1", b: "2" });
    const tooMany = land(run, feed, 2, { a: "1", c: "2", d: "3" });
    await expect(tooMany).rejects.toMatchObject({
      code: "STORAGE",
      retryable: false,
      message: `The feed ${feed} has 4 links (a, b, c, d); PostgreSQL keeps 3 for each feed.`,
    });
    expect(await columnsOf(feed)).toHaveLength(2);
    await land(run, feed, 2, { a: "7", c: "2" });
    expect(await idsBy(storage, run, feed, "a")).toEqual(["2"]);
  });
});
