import { describe, expect, it } from "vitest";
import { createFakeClock } from "../__fixtures__/fake-clock.js";
import {
  AbortedError,
  ApiResponseError,
  AuthError,
  CircuitOpenError,
  NetworkError,
  RateLimitError,
  ServiceUnavailableError,
  StorageError,
  TimeoutError,
  TokenRequestError,
} from "../errors.js";
import { type CircuitStatus, createCircuit } from "./circuit.js";

const unavailable = (status = 503) => new ServiceUnavailableError("m", { status, requestId: null });

function setUp(maxOpenMs = 3_600_000) {
  const clock = createFakeClock();
  const opened: CircuitStatus[] = [];
  const circuit = createCircuit({
    circuit: { failures: 5, openMs: 60_000, maxOpenMs },
    clock,
    onOpen: (status) => opened.push(status),
  });
  const startedAt = clock.now();
  const call = {
    signal: new AbortController().signal,
    priority: "background",
    giveUpAt: startedAt + 600_000,
  } as const;
  const fail = (error: unknown = unavailable()) =>
    circuit.execute(() => Promise.reject(error), call).catch(() => undefined);
  const open = async () => {
    for (let failure = 0; failure < 5; failure += 1) await fail();
  };
  /** Starts a call, and notes in seconds from the start when it is let through. */
  const letThroughAt: number[] = [];
  const start = (outcome: () => Promise<string> = async () => "page", options: object = {}) =>
    circuit.execute(
      () => {
        letThroughAt.push((clock.now() - startedAt) / 1000);
        return outcome();
      },
      { ...call, ...options },
    );
  return { circuit, clock, opened, fail, open, start, letThroughAt, startedAt };
}

describe("a circuit", () => {
  it("opens at the fifth failure in a row, and says so", async () => {
    const { circuit, fail, opened, startedAt } = setUp();
    for (let failure = 0; failure < 4; failure += 1) await fail();
    expect(circuit.status()).toMatchObject({ state: "closed", failures: 4, retryAt: null });
    await fail();

    const status = {
      state: "open",
      failures: 5,
      openedAt: startedAt,
      retryAt: startedAt + 60_000,
      code: "API_UNAVAILABLE",
    };
    expect(circuit.status()).toEqual(status);
    expect(opened).toEqual([status]);
  });

  it.each([
    ["a cut connection", new NetworkError("m")],
    ["a timeout", new TimeoutError("m")],
    ["a 500", unavailable(500)],
  ])("counts %s", async (_name, error) => {
    const { circuit, fail } = setUp();
    for (let failure = 0; failure < 5; failure += 1) await fail(error);
    expect(circuit.status().state).toBe("open");
  });

  it.each([
    ["a refusal", new ApiResponseError("m", { status: 404, requestId: null, retryable: false })],
    ["a missing scope", new AuthError("AUTH_INSUFFICIENT_SCOPE", "m", false)],
    ["throttling", new RateLimitError("m", { status: 429, requestId: null })],
    ["a request that came too early", unavailable(425)],
  ])("takes %s for a sign of life", async (_name, error) => {
    const { circuit, fail } = setUp();
    for (let failure = 0; failure < 4; failure += 1) await fail();
    await fail(error);
    expect(circuit.status()).toMatchObject({ state: "closed", failures: 0, code: null });
  });

  it.each([
    ["an abort", new AbortedError("m")],
    ["a failing database", new StorageError("m")],
    ["an unavailable token", new TokenRequestError("m", { status: 503, retryable: true })],
  ])("learns nothing from %s", async (_name, error) => {
    const { circuit, fail } = setUp();
    for (let failure = 0; failure < 4; failure += 1) await fail();
    await fail(error);
    expect(circuit.status()).toMatchObject({ state: "closed", failures: 4 });
  });

  it("lets one call try when its time is up, and the others once that one was answered", async () => {
    const { circuit, clock, open, start, letThroughAt } = setUp();
    await open();
    const answer = Promise.withResolvers<string>();
    const calls = Promise.all([1, 2, 3].map(() => start(() => answer.promise)));
    await clock.advance(59_999);
    expect(letThroughAt).toEqual([]);
    await clock.advance(5001);
    expect(letThroughAt).toEqual([60]);
    expect(circuit.status().state).toBe("half-open");

    answer.resolve("page");
    await expect(calls).resolves.toEqual(["page", "page", "page"]);
    expect(letThroughAt).toEqual([60, 65, 65]);
    expect(circuit.status().state).toBe("closed");
  });

  it("stays open for the same time again when the trial call fails", async () => {
    const { clock, open, start, letThroughAt, opened } = setUp();
    await open();
    const failing = start(() => Promise.reject(unavailable())).catch(() => "failed");
    const waiting = start();
    await clock.advance(119_999);
    expect(letThroughAt).toEqual([60]);
    await expect(failing).resolves.toBe("failed");
    await clock.advance(1);

    await expect(waiting).resolves.toBe("page");
    expect(letThroughAt).toEqual([60, 120]);
    expect(opened).toHaveLength(2);
  });

  it("lets the next call try at once if the trial call was aborted", async () => {
    const { clock, open, start, letThroughAt } = setUp();
    await open();
    await clock.advance(60_000);
    await start(() => Promise.reject(new AbortedError("m"))).catch(() => undefined);
    await start();
    expect(letThroughAt).toEqual([60, 60]);
  });

  it("is not kept open by calls in progress when it opened, and is closed by their response", async () => {
    const { circuit, clock, open, start } = setUp();
    const late = Promise.withResolvers<string>();
    const answered = Promise.withResolvers<string>();
    const failing = start(() => late.promise).catch(() => undefined);
    const succeeding = start(() => answered.promise);
    await open();
    const { retryAt } = circuit.status();
    await clock.advance(30_000);
    late.reject(unavailable());
    await failing;
    expect(circuit.status().retryAt).toBe(retryAt);

    answered.resolve("page");
    await succeeding;
    expect(circuit.status().state).toBe("closed");
  });

  it("fails an interactive call at once, and says when to try again", async () => {
    const { clock, open, start } = setUp();
    await open();
    await clock.advance(20_000);
    const refused = start(undefined, { priority: "interactive" });
    await expect(refused).rejects.toBeInstanceOf(CircuitOpenError);
    await expect(refused).rejects.toMatchObject({
      retryAfterMs: 40_000,
      hint: expect.stringContaining("40 seconds"),
      retryable: true,
    });
  });

  it("is not waited for beyond a call's time limit", async () => {
    const { open, start, startedAt } = setUp();
    await open();
    await expect(start(undefined, { giveUpAt: startedAt + 59_999 })).rejects.toBeInstanceOf(CircuitOpenError);
  });

  it("releases a call that is aborted while it waits", async () => {
    const { clock, open, start, letThroughAt } = setUp();
    await open();
    const controller = new AbortController();
    const waiting = start(undefined, { signal: controller.signal });
    await clock.advance(1000);
    controller.abort();
    await expect(waiting).rejects.toBeInstanceOf(AbortedError);
    expect(clock.sleeping()).toBe(0);
    expect(letThroughAt).toEqual([]);
  });

  it("held up a run for as long as a call may take, although the tenant had been unreachable for minutes", async () => {
    const { clock, open, start, letThroughAt } = setUp(300_000);
    await open();
    const waits: number[] = [];
    const startedAt = clock.now();
    const dead = async (): Promise<string> => {
      const onWait = (until: number) => waits.push((until - startedAt) / 1000);
      for (;;) {
        const failure: unknown = await start(() => Promise.reject(unavailable()), {
          onWait,
          giveUpAt: startedAt + 3_600_000,
        }).catch((error: unknown) => error);
        if (failure instanceof CircuitOpenError) return failure.code;
      }
    };
    const ended = dead();
    await clock.advance(301_000);

    await expect(ended).resolves.toBe("CIRCUIT_OPEN");
    expect(letThroughAt).toEqual([60, 120, 180, 240, 300]);
    expect(waits).toEqual([60, 120, 180, 240, 300]);
  });

  it("waits again after a response", async () => {
    const { clock, open, start, letThroughAt } = setUp(300_000);
    await open();
    await clock.advance(400_000);
    await start();
    await open();
    const waiting = start();
    await clock.advance(60_000);

    await expect(waiting).resolves.toBe("page");
    expect(letThroughAt).toEqual([400, 460]);
  });
});
