import { describe, expect, it } from "vitest";
import { type Logger, silentLogger } from "../ports/logger.js";
import type { SyncEvent } from "../ports/sync-event.js";
import { createReporterFeed } from "./reporter-feed.js";

function eventAt(at: number): SyncEvent {
  return { event: "feed:start", feed: "zones", runId: "run", credentialId: "c", companyId: "acme", at };
}

function recordingLogger(): Logger & { readonly lines: unknown[] } {
  const lines: unknown[] = [];
  return { ...silentLogger, lines, warn: (fields, message) => void lines.push([fields, message]) };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("passing events to reporters", () => {
  it("passes every event to each, in order", () => {
    const first: number[] = [];
    const second: number[] = [];
    const notify = createReporterFeed(
      [(event) => void first.push(event.at), (event) => void second.push(event.at)],
      silentLogger,
    );
    for (const at of [1, 2, 3]) notify(eventAt(at));
    expect([first, second]).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
  });

  it("continues after one throws or rejects, and logs it once without its message", async () => {
    const logger = recordingLogger();
    const seen: number[] = [];
    const notify = createReporterFeed(
      [
        () => {
          throw new Error("Jane Private");
        },
        async () => await Promise.reject(new Error("Jane Private")),
        (event) => void seen.push(event.at),
      ],
      logger,
    );
    for (const at of [1, 2]) notify(eventAt(at));
    await settled();
    expect(seen).toEqual([1, 2]);
    expect(logger.lines).toHaveLength(2);
    expect(JSON.stringify(logger.lines)).not.toContain("Jane");
  });

  it("passes the next event to a slow one when it has finished the previous one", async () => {
    const seen: number[] = [];
    let finish: () => void = () => undefined;
    const slow = async (event: SyncEvent): Promise<void> => {
      seen.push(event.at);
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
    };
    const notify = createReporterFeed([slow], silentLogger);
    for (const at of [1, 2]) notify(eventAt(at));
    expect(seen).toEqual([1]);
    finish();
    await settled();
    expect(seen).toEqual([1, 2]);
  });

  it("does not wait for one that never returns, and keeps only the newest events for it", async () => {
    const seen: number[] = [];
    const others: number[] = [];
    let finish: () => void = () => undefined;
    const stuck = (event: SyncEvent): Promise<void> | undefined => {
      seen.push(event.at);
      return event.at > 0
        ? undefined
        : new Promise((resolve) => {
            finish = resolve;
          });
    };
    const notify = createReporterFeed([stuck, (event) => void others.push(event.at)], silentLogger);
    for (let at = 0; at <= 1500; at += 1) notify(eventAt(at));
    expect(seen).toEqual([0]);
    expect(others).toHaveLength(1501);
    finish();
    await settled();
    expect(seen).toHaveLength(1001);
    expect(seen.at(-1)).toBe(1500);
  });
});
