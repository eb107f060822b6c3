import type { SyncEvent } from "@titan-sync/core";
import { manualClock } from "@titan-sync/core/testing";
import { expect, it } from "vitest";
import { createEventLog, type LoggedEvent } from "./event-log.js";
import type { EventSource } from "./event-source.js";

const event: SyncEvent = {
  event: "feed:start",
  runId: "run",
  credentialId: "credential",
  companyId: "acme",
  at: 0,
  feed: "customers",
};

function setUp() {
  const listeners = new Set<(event: SyncEvent) => void>();
  const source: EventSource = {
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: () => listeners.clear(),
  };
  const clock = manualClock();
  const log = createEventLog({ source, clock, name: "log" });
  const tell = (times = 1): void => {
    for (let time = 0; time < times; time += 1) for (const listener of listeners) listener(event);
  };
  return { log, clock, tell, listeners };
}

it("numbers events and returns those after a given one", () => {
  const { log, tell } = setUp();
  const heard: LoggedEvent[] = [];
  log.subscribe((entry) => heard.push(entry));
  tell(3);
  expect(heard.map((entry) => entry.id)).toEqual(["log-1", "log-2", "log-3"]);
  expect(log.after("log-1")).toEqual(heard.slice(1));
  expect(log.after("log-3")).toEqual([]);
});

it("does not claim to know events of another log, or those that it has dropped", () => {
  const { log, tell } = setUp();
  log.subscribe(() => undefined);
  tell(2002);
  expect(log.after("other-1")).toBeNull();
  expect(log.after("log-1")).toBeNull();
  expect(log.after("log-3")).toHaveLength(1999);
});

it("continues for a while without readers, in case one reconnects", () => {
  const { log, tell, clock } = setUp();
  log.subscribe(() => undefined)();
  clock.advance(60_000);
  tell(2);
  expect(log.after("log-1")).toHaveLength(1);
});

it("forgets everything after that, rather than leave a gap", async () => {
  const { log, tell, clock, listeners } = setUp();
  log.subscribe(() => undefined);
  tell(2);
  log.close();
  expect(listeners.size).toBe(0);
  expect(log.after("log-1")).toBeNull();
  const leave = log.subscribe(() => undefined);
  tell();
  leave();
  clock.advance(120_000);
  await new Promise(setImmediate);
  expect(listeners.size).toBe(0);
  expect(log.after("log-3")).toBeNull();
  tell();
  const heard: LoggedEvent[] = [];
  log.subscribe((entry) => heard.push(entry));
  tell();
  expect(heard.map((entry) => entry.id)).toEqual(["log-4"]);
});
