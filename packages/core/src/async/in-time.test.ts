import { describe, expect, it } from "vitest";
import { createFakeClock } from "../__fixtures__/fake-clock.js";
import { AbortedError, TimeoutError } from "../errors.js";
import { inTime } from "./in-time.js";

const never = (): Promise<never> => new Promise(() => undefined);

function setUp() {
  const clock = createFakeClock();
  const stop = new AbortController();
  return {
    clock,
    stop,
    limit: { clock, ms: 500, late: () => new TimeoutError("late"), signal: stop.signal },
  };
}

describe("work that has a time limit", () => {
  it("returns its result or its failure, and leaves no timer running", async () => {
    const { clock, limit } = setUp();
    expect(await inTime(async () => 5, limit)).toBe(5);
    await expect(inTime(() => Promise.reject(new RangeError("m")), limit)).rejects.toThrow(RangeError);
    expect(clock.sleeping()).toBe(0);
  });

  it("is abandoned when the time is up, and its signal is aborted with the error", async () => {
    const { clock, limit } = setUp();
    let told: unknown = null;
    const result = inTime((signal) => {
      signal.addEventListener("abort", () => {
        told = signal.reason;
      });
      return never();
    }, limit);
    const failing = expect(result).rejects.toThrow("late");
    await clock.advance(499);
    expect(told).toBeNull();
    await clock.advance(1);

    await failing;
    expect(told).toBeInstanceOf(TimeoutError);
  });

  it("may fail after it was abandoned", async () => {
    const { clock, limit } = setUp();
    const work = Promise.withResolvers<never>();
    const failing = expect(inTime(() => work.promise, limit)).rejects.toThrow("late");
    await clock.advance(500);
    work.reject(new RangeError("much too late"));
    await clock.advance(0);
    await failing;
  });

  it("ends early when it is aborted, and does not start if it was aborted before", async () => {
    const { clock, limit, stop } = setUp();
    const result = inTime(never, limit);
    stop.abort();
    await expect(result).rejects.toThrow(AbortedError);
    let begun = 0;
    const late = inTime(async () => {
      begun += 1;
    }, limit);
    await expect(late).rejects.toThrow(AbortedError);
    expect([begun, clock.sleeping()]).toEqual([0, 0]);
  });
});
