import type { StoredRun, SyncEvent } from "@titan-sync/core";
import { StorageError } from "@titan-sync/core";
import { manualClock } from "@titan-sync/core/testing";
import { expect, it } from "vitest";
import { createCapturingLogger } from "../__fixtures__/capturing-logger.js";
import { feedFigures, storedRun } from "../__fixtures__/stored-run.js";
import { createPollingSource } from "./polling-source.js";

const intervalMs = 1000;

function setUp(known: readonly string[] = []) {
  const runs = new Map<string, StoredRun>();
  const clock = manualClock();
  const logger = createCapturingLogger();
  const looks = { count: 0, fail: false };
  const source = createPollingSource({
    clock,
    logger,
    intervalMs,
    isKnown: (runId) => known.includes(runId),
    runs: {
      async list() {
        looks.count += 1;
        if (looks.fail) throw new StorageError("The database is away.");
        return { items: [...runs.values()].filter((run) => run.status === "running"), next: null };
      },
      find: async (id) => runs.get(id) ?? null,
    },
  });
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  const listen = () => {
    const heard: SyncEvent[] = [];
    return { heard, leave: source.subscribe((event) => heard.push(event)) };
  };
  return {
    runs,
    looks,
    logger,
    source,
    listen,
    settle,
    async look() {
      await settle();
      clock.advance(intervalMs);
      await settle();
    },
  };
}

it("reports runs that start, continue and end, but not earlier ones", async () => {
  const { runs, listen, look } = setUp();
  runs.set("old", storedRun({ id: "old" }));
  const { heard } = listen();
  await look();
  runs.set("new", storedRun({ id: "new" }));
  await look();
  runs.set("new", storedRun({ id: "new", feeds: { customers: feedFigures(3) } as StoredRun["feeds"] }));
  await look();
  runs.set("new", storedRun({ id: "new", status: "completed", completedAt: 9_000 }));
  runs.set("old", storedRun({ id: "old", status: "failed", completedAt: 9_000 }));
  await look();
  expect(heard.map(({ event, runId }) => `${runId} ${event}`)).toEqual([
    "new run:start",
    "new batch:landed",
    "old run:end",
    "new run:end",
  ]);
});

it("does not take the run that does a superseded one's work for its end", async () => {
  const { runs, listen, look } = setUp();
  runs.set("first", storedRun({ id: "first" }));
  const { heard } = listen();
  await look();
  await look();
  // A lookup by either id finds the second.
  runs.set("first", storedRun({ id: "second", status: "completed", completedAt: 9_000 }));
  await look();
  expect(heard).toEqual([]);
});

it("polls once for all listeners, and not at all without listeners", async () => {
  const { looks, listen, look } = setUp();
  await look();
  expect(looks.count).toBe(0);
  const [one, other] = [listen(), listen()];
  await look();
  expect(looks.count).toBe(4);
  one.leave();
  other.leave();
  await look();
  await look();
  expect(looks.count).toBe(4);
});

it("leaves out runs that another source reports", async () => {
  const { runs, listen, look } = setUp(["mine"]);
  const { heard } = listen();
  await look();
  runs.set("mine", storedRun({ id: "mine" }));
  await look();
  expect(heard).toEqual([]);
});

it("continues after a failed poll, and loses nothing", async () => {
  const { runs, listen, look, looks, logger } = setUp();
  const { heard } = listen();
  await look();
  looks.fail = true;
  runs.set("new", storedRun({ id: "new" }));
  await look();
  expect(logger.lines).toMatchObject([{ fields: { code: "STORAGE" } }]);
  looks.fail = false;
  await look();
  expect(heard.map((event) => event.event)).toEqual(["run:start"]);
});

it("sends nothing more after it is closed", async () => {
  const { runs, listen, look, source } = setUp();
  const { heard } = listen();
  await look();
  source.close();
  runs.set("new", storedRun({ id: "new" }));
  await look();
  expect(heard).toEqual([]);
});
