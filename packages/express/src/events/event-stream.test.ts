import { EventEmitter } from "node:events";
import { type SyncEvent, silentLogger, systemClock } from "@titan-sync/core";
import type { Response } from "express";
import { expect, it } from "vitest";
import { createCapturingLogger } from "../__fixtures__/capturing-logger.js";
import type { EventLog, LoggedEvent } from "./event-log.js";
import { streamEvents } from "./event-stream.js";

/** A response whose reader takes nothing. */
class StalledResponse extends EventEmitter {
  writableLength = 0;
  destroyed = false;
  ended = false;
  writeHead(): void {}
  write(text: string): boolean {
    this.writableLength += Buffer.byteLength(text);
    return false;
  }
  destroy(): void {
    this.destroyed = true;
    this.emit("close");
  }
  end(): void {
    this.ended = true;
  }
}

function scriptedLog() {
  const listeners = new Set<(entry: LoggedEvent) => void>();
  const log: EventLog = {
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    after: () => null,
    close: () => undefined,
  };
  const tell = (entry: LoggedEvent): void => {
    for (const listener of listeners) listener(entry);
  };
  return { log, listeners, tell };
}

const warning: SyncEvent = {
  event: "run:warning",
  runId: "run",
  credentialId: "credential",
  companyId: "acme",
  at: 0,
  warning: { code: "CODE", message: "x".repeat(1000), count: null },
};

const plan = {
  lastEventId: null,
  snapshot: async () => [],
  permitted: async () => () => true,
  isLast: () => false,
};

it("drops a reader that does not read, instead of buffering its events", async () => {
  const response = new StalledResponse();
  const logger = createCapturingLogger();
  const { log, tell, listeners } = scriptedLog();
  const signal = new AbortController().signal;
  const options = { log, clock: systemClock, logger, heartbeatMs: 60_000, signal };
  const streaming = streamEvents(response as unknown as Response, plan, options);
  await new Promise(setImmediate);
  for (let number = 0; number < 2000; number += 1) tell({ id: `log-${number}`, event: warning });
  await streaming;
  expect(response.destroyed).toBe(true);
  expect(response.writableLength).toBeLessThan(300 * 1024);
  expect(listeners.size).toBe(0);
  expect(logger.lines.map((line) => line.message)).toEqual([
    "an event client was too slow and was disconnected",
  ]);
});

it("ends if the current state cannot be read: the reader reconnects", async () => {
  const response = new StalledResponse();
  const { log, listeners } = scriptedLog();
  const options = { log, clock: systemClock, logger: silentLogger, heartbeatMs: 60_000 };
  const failing = { ...plan, snapshot: () => Promise.reject(new Error("The storage is away.")) };
  const signal = new AbortController().signal;
  await streamEvents(response as unknown as Response, failing, { ...options, signal });
  expect(response.ended).toBe(true);
  expect(listeners.size).toBe(0);
});
