import { describe, expect, it } from "vitest";
import { announcedWaitMs, serverTimeOf } from "./retry-after.js";

const now = Date.parse("2026-01-01T00:00:00Z");
const wait = (headers: Record<string, string>, text = ""): number | null =>
  announcedWaitMs(new Headers(headers), text, now);

describe("announcedWaitMs", () => {
  it.each([
    ["60", 60_000],
    [" 1.5 ", 1500],
    ["0", 0],
  ])("reads seconds: %j", (value, ms) => {
    expect(wait({ "retry-after": value })).toBe(ms);
  });

  it("reads a date", () => {
    expect(wait({ "retry-after": "Thu, 01 Jan 2026 00:01:30 GMT" })).toBe(90_000);
  });

  it("compares a date with the server's own time, not with an inaccurate clock", () => {
    const headers = {
      "retry-after": "Thu, 01 Jan 2026 05:01:30 GMT",
      date: "Thu, 01 Jan 2026 05:01:00 GMT",
    };
    expect(wait(headers)).toBe(30_000);
  });

  it("does not wait for a date that has passed", () => {
    expect(wait({ "retry-after": "Wed, 31 Dec 2025 23:59:00 GMT" })).toBe(0);
  });

  it.each([
    ["30 seconds", 30_000],
    ["30s", 30_000],
    ["30, 40", 40_000],
    ["1.", 1000],
    ["120junk", null],
    ["3e1", null],
    ["30 apples", null],
  ])("reads a number only if it is one: %j", (value, ms) => {
    expect(wait({ "retry-after": value })).toBe(ms);
  });

  it.each([
    ['{"title":"Rate limit is exceeded. Try again in 37 seconds."}', 37_000],
    ['{"statusCode":429,"message":"Rate limit is exceeded. Try again in 40 seconds."}', 40_000],
    ['{"error":{"message":"Please retry after 5 seconds"}}', 5000],
    ['{"title":"More than 60 calls in 1 second. Please try again in 9 seconds."}', 9000],
    ["<html><p>Wait for 2 minutes.</p></html>", 120_000],
    ['{"message":"Out of call volume quota. Quota will be replenished in 00:01:20."}', 80_000],
    ["try again in 1 second", 1000],
  ])("overlooked the wait unless it was in the title of a problem: %s", (text, ms) => {
    expect(wait({}, text)).toBe(ms);
  });

  it("trusts the header more than the body, and the body more than a broken header", () => {
    expect(wait({ "retry-after": "2" }, "Try again in 60 seconds.")).toBe(2000);
    expect(wait({ "retry-after": "soon" }, "Try again in 60 seconds.")).toBe(60_000);
    expect(wait({ "retry-after": "-5" }, "Try again in 60 seconds.")).toBe(60_000);
  });

  it("waits at most an hour, regardless of the announced time", () => {
    expect(wait({ "retry-after": "99999999" })).toBe(3_600_000);
  });

  it("is null when nothing is announced", () => {
    expect(wait({})).toBeNull();
    expect(wait({ "retry-after": "" }, "Too many requests")).toBeNull();
  });
});

describe("serverTimeOf", () => {
  it("reads the Date header, null when absent or not a date", () => {
    expect(serverTimeOf(new Headers({ date: "Thu, 01 Jan 2026 00:00:00 GMT" }))).toBe(now);
    expect(serverTimeOf(new Headers())).toBeNull();
    expect(serverTimeOf(new Headers({ date: "2026" }))).toBeNull();
  });
});
