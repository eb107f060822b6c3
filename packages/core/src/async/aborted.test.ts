import { getMaxListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { createFakeClock } from "../__fixtures__/fake-clock.js";
import { AbortedError, LeaseLostError } from "../errors.js";
import { abortedError, orAborted, shared, sleep } from "./aborted.js";

const never = new Promise<never>(() => undefined);

describe("abortedError", () => {
  it("is this library's error if the signal was aborted with one", () => {
    const lost = new LeaseLostError("m");
    expect(abortedError(AbortSignal.abort(lost))).toBe(lost);
  });

  it("is an AbortedError for any other reason", () => {
    for (const signal of [
      AbortSignal.abort(),
      AbortSignal.abort("because"),
      AbortSignal.abort(new Error("m")),
    ]) {
      expect(abortedError(signal)).toBeInstanceOf(AbortedError);
    }
  });
});

describe("orAborted", () => {
  it("returns the result, or throws what the work threw", async () => {
    const { signal } = new AbortController();

    expect(await orAborted(async () => 5, signal)).toBe(5);
    await expect(orAborted(() => Promise.reject(new RangeError("m")), signal)).rejects.toThrow(RangeError);
    const careless = (): Promise<never> => {
      throw new RangeError("m");
    };
    await expect(orAborted(careless, signal)).rejects.toThrow(RangeError);
  });

  it("does not wait for work that ignores its signal", async () => {
    const controller = new AbortController();
    const result = orAborted(() => never, controller.signal);
    controller.abort();

    await expect(result).rejects.toThrow(AbortedError);
    await expect(orAborted(() => never, controller.signal)).rejects.toThrow(AbortedError);
  });

  it("started work under an aborted signal, whose unhandled failure ended the process", async () => {
    const signal = AbortSignal.abort();
    let started = 0;
    const result = orAborted(() => {
      started += 1;
      return Promise.reject(new RangeError("m"));
    }, signal);

    await expect(result).rejects.toThrow(AbortedError);
    expect(started).toBe(0);
  });

  it("handles the failure of work that aborts its own signal", async () => {
    const controller = new AbortController();
    const failing = orAborted(() => {
      controller.abort();
      return Promise.reject(new RangeError("m"));
    }, controller.signal);
    await expect(failing).rejects.toThrow(AbortedError);

    const another = new AbortController();
    const throwing = orAborted(() => {
      another.abort();
      throw new RangeError("m");
    }, another.signal);
    await expect(throwing).rejects.toThrow(RangeError);
  });
});

describe("sleep", () => {
  it("ends when the time is up", async () => {
    const clock = createFakeClock();
    const slept = sleep(clock, 500, new AbortController().signal);
    await clock.advance(500);

    await expect(slept).resolves.toBeUndefined();
  });

  it("fails at once when aborted", async () => {
    const clock = createFakeClock();
    const controller = new AbortController();
    const slept = sleep(clock, 500, controller.signal);
    controller.abort();

    await expect(slept).rejects.toThrow(AbortedError);
    await expect(sleep(clock, 500, controller.signal)).rejects.toThrow(AbortedError);
    expect(clock.sleeping()).toBe(0);
  });
});

it("a signal that a run's requests share made Node 22 warn of a leak", () => {
  expect(getMaxListeners(shared(new AbortController().signal))).toBe(0);
});
