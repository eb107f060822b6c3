import { ConfigError, StorageError, silentLogger } from "@titan-sync/core";
import { expect, it, onTestFinished } from "vitest";
import { startHealthServer } from "./health-server.js";
import { createReadiness, type MissingPart, type ReadinessOptions } from "./readiness.js";

const now = Date.parse("2026-12-01T02:00:00Z");
const current = { current: 1, latest: 1, pending: [], isNewerThanProgram: false, isUsable: true };

function readiness(given: Partial<ReadinessOptions> & { readonly passMs?: number } = {}) {
  let passedMs = 0;
  const findMissing = createReadiness({
    database: { migrationStatus: async () => current },
    storage: { findLastTick: async () => now },
    schedules: true,
    service: () => ({ worker: null }),
    signal: new AbortController().signal,
    logger: silentLogger,
    clock: { now: () => now + passedMs, sleep: () => new Promise(() => undefined) },
    ...given,
  });
  passedMs = given.passMs ?? 0;
  return findMissing;
}

const partsOf = (missing: readonly MissingPart[]) => missing.map(({ part }) => part);

it("is ready while database, scheduler and worker are there", async () => {
  expect(await readiness()()).toEqual([]);
});

it("is not ready from the moment in which it is asked to stop, nor before it has started", async () => {
  expect(await readiness({ signal: AbortSignal.abort() })()).toEqual([
    { part: "process", message: "The process is shutting down." },
  ]);
  expect(partsOf(await readiness({ service: () => null })())).toEqual(["process"]);
});

it("names a scheduler without a sign for a minute, unless schedules are started elsewhere", async () => {
  expect(await readiness({ passMs: 59_000 })()).toEqual([]);
  expect(await readiness({ passMs: 61_000 })()).toEqual([
    { part: "scheduler", message: "The scheduler has given no sign since 2026-12-01T02:00:00.000Z." },
  ]);
  expect(await readiness({ passMs: 61_000, schedules: false })()).toEqual([]);
  const never = { findLastTick: async () => null };
  expect(await readiness({ passMs: 1_000, storage: never })()).toEqual([]);
});

it("names a worker that has stopped", async () => {
  const worker = { status: () => ({ name: "w", slots: [], isClosing: true }) };
  const service = { worker } as unknown as ReturnType<ReadinessOptions["service"]>;
  expect(partsOf(await readiness({ service: () => service })())).toEqual(["worker"]);
});

it("does not repeat what a failing database says, which may be an address", async () => {
  const migrationStatus = async () => {
    throw new StorageError("connect ECONNREFUSED db.internal:5432");
  };
  expect(await readiness({ database: { migrationStatus } })()).toEqual([
    { part: "database", message: "The database does not answer." },
  ]);
});

it("names a database that needs to be migrated", async () => {
  const migrationStatus = async () => ({ ...current, latest: 2, isUsable: false });
  expect(await readiness({ database: { migrationStatus } })()).toEqual([
    { part: "database", message: "The database is at version 1; this program needs 2." },
  ]);
});

it("is ready on a database that a newer program migrated, while it works with this one", async () => {
  const newer = { ...current, current: 2, isNewerThanProgram: true };
  const usable = { migrationStatus: async () => newer };
  expect(await readiness({ database: usable })()).toEqual([]);
  const unusable = { migrationStatus: async () => ({ ...newer, isUsable: false }) };
  expect(await readiness({ database: unusable })()).toMatchObject([
    { part: "database", message: expect.stringContaining("at version 2") },
  ]);
});

it("names a database that does not answer in time", async () => {
  const clock = { now: () => now, sleep: async () => undefined };
  const migrationStatus = () => new Promise<never>(() => undefined);
  expect(partsOf(await readiness({ clock, database: { migrationStatus } })())).toEqual(["database"]);
});

it("looks at the database once for many callers", async () => {
  let looks = 0;
  const migrationStatus = async () => {
    looks += 1;
    return current;
  };
  const findMissing = readiness({ database: { migrationStatus } });
  await Promise.all(Array.from({ length: 50 }, findMissing));
  expect(looks).toBe(1);
  await findMissing();
  expect(looks).toBe(2);
});

async function serve(findMissing: () => Promise<readonly MissingPart[]>) {
  const server = await startHealthServer({ host: "127.0.0.1", port: 0, findMissing });
  onTestFinished(() => server.close());
  return server;
}

it("answers 503 with what is missing, and is alive all the same", async () => {
  const { url } = await serve(async () => [{ part: "database", message: "The database does not answer." }]);
  const ready = await fetch(`${url}/health/ready`);
  expect([ready.status, await ready.json()]).toEqual([
    503,
    { status: "not ready", missing: [{ part: "database", message: "The database does not answer." }] },
  ]);
  const live = await fetch(`${url}/health/live?x=1`);
  expect([live.status, await live.json()]).toEqual([200, { status: "live" }]);
  expect((await fetch(`${url}/health/live`, { method: "POST" })).status).toBe(405);
  expect((await fetch(`${url}/`)).status).toBe(404);
});

it("says that a port is taken", async () => {
  const { url } = await serve(async () => []);
  const again = startHealthServer({
    host: "127.0.0.1",
    port: Number(new URL(url).port),
    findMissing: async () => [],
  });
  await expect(again).rejects.toThrow(ConfigError);
  await expect(again).rejects.toThrow(/another program listens there/);
});
