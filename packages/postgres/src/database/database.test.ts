import { EventEmitter } from "node:events";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { openDatabase } from "./database.js";
import type { PgClientLike, PgPoolLike } from "./pool.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const never = new Promise<never>(() => undefined);

it("discards a connection that does not respond, and sends nothing more on it", async () => {
  const query = vi.fn<PgClientLike["query"]>(() => never);
  const release = vi.fn<PgClientLike["release"]>();
  const pool: PgPoolLike = { connect: async () => ({ query, release }) };
  const writing = openDatabase({ pool, timeoutMs: 1000 }).transaction(async () => undefined);
  const refused = expect(writing).rejects.toMatchObject({ code: "STORAGE", retryable: true });
  await vi.advanceTimersByTimeAsync(1000);
  await refused;
  expect(query.mock.calls).toEqual([[expect.stringMatching(/^BEGIN;/)]]);
  expect(release).toHaveBeenCalledExactlyOnceWith(expect.any(Error));
});

it("returns a connection that arrives too late", async () => {
  const connecting = Promise.withResolvers<PgClientLike>();
  const release = vi.fn<PgClientLike["release"]>();
  const database = openDatabase({ pool: { connect: () => connecting.promise }, timeoutMs: 1000 });
  const refused = expect(database.query("SELECT 1")).rejects.toMatchObject({ retryable: true });
  await vi.advanceTimersByTimeAsync(1000);
  await refused;
  connecting.resolve({ query: async () => ({ rows: [] }), release });
  await vi.advanceTimersByTimeAsync(0);
  expect(release).toHaveBeenCalledExactlyOnceWith();
});

it("does not report a bug in a program as a transient failure of the database", async () => {
  const pool: PgPoolLike = { connect: () => Promise.reject(new TypeError("x is not a function")) };
  await expect(openDatabase({ pool }).query("SELECT 1")).rejects.toMatchObject({ retryable: false });
});

it("survives a connection that breaks while it is in use", async () => {
  const client = Object.assign(new EventEmitter(), {
    query: async () => ({ rows: [] }),
    release: () => undefined,
  });
  const pool = Object.assign(new EventEmitter(), {
    async connect() {
      pool.emit("acquire", client);
      client.emit("error", new Error("terminating connection due to administrator command"));
      return client;
    },
  });
  const database = openDatabase({ pool });
  await database.query("SELECT 1");
  await database.query("SELECT 1");
  expect(client.listenerCount("error")).toBe(1);
});

it("listens for errors of the pool until it is closed, so that a broken idle connection does not end the process", () => {
  const on = vi.fn();
  const removeListener = vi.fn();
  const database = openDatabase({ pool: { connect: () => never, on, removeListener } });
  expect(on.mock.calls.map(([event]) => event)).toEqual(["error", "acquire"]);
  database.close();
  expect(removeListener.mock.calls).toEqual(on.mock.calls);
});
