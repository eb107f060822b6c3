import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { createCapturingLogger } from "../__fixtures__/capturing-logger.js";
import { createSkippingClock } from "../__fixtures__/fake-clock.js";
import {
  type AnswerContent,
  type ScriptedAnswer,
  type SeenRequests,
  startLoopbackServer,
} from "../__fixtures__/loopback-server.js";
import { createOpenLimiter } from "../__fixtures__/open-limiter.js";
import { stubAnswers } from "../__fixtures__/stubbed-service-titan.js";
import { Secret } from "../crypto/secret.js";
import {
  AbortedError,
  ApiResponseError,
  AuthError,
  ConfigError,
  InsufficientScopeError,
  NetworkError,
  RateLimitError,
  TimeoutError,
} from "../errors.js";
import type { AccessTokenSource } from "./access-token-source.js";
import { createApiClient } from "./api-client.js";
import type { RetryOptions } from "./policy.js";

const path = "crm/v2/tenant/1001/customers";
const page: AnswerContent = { body: { data: [{ id: 1 }], hasMore: false } };

/** Tokens that are numbered; each refused one is followed by the next. */
function numberedTokens(): AccessTokenSource & { readonly refused: readonly string[] } {
  const refused: string[] = [];
  return {
    refused,
    token: async () => `token-${refused.length + 1}`,
    refuse: async (token) => {
      refused.push(token);
    },
  };
}

function setUp(
  answers: Parameters<typeof stubAnswers>[0],
  retry?: Partial<RetryOptions>,
  probes?: readonly string[],
) {
  return setUpWith(stubAnswers(answers), retry, probes);
}

/** For what only a real connection does. */
async function setUpSockets(answers: readonly ScriptedAnswer[], retry?: Partial<RetryOptions>) {
  return setUpWith(await startLoopbackServer(answers), retry);
}

function setUpWith(server: SeenRequests, retry: Partial<RetryOptions> = {}, probes: readonly string[] = []) {
  const clock = createSkippingClock();
  const logger = createCapturingLogger();
  const tokens = numberedTokens();
  const client = createApiClient({
    apiUrl: `${server.url}/`,
    appKey: new Secret("ak1.kanari-app-key"),
    tokens,
    limiter: createOpenLimiter(clock),
    clock,
    random: () => 0.5,
    logger,
    retry,
    probes,
  });
  const get = (signal = new AbortController().signal) =>
    client.get(path, { page: "1", sort: "+Id" }, { signal });
  return { server, client, get, tokens, clock, logger };
}

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  );

describe("createApiClient", () => {
  it("sends token and app key in the headers, and encodes the query", async () => {
    const { get, server } = await setUpSockets([page]);
    await get();

    const [request] = server.requests;
    expect(request?.method).toBe("GET");
    expect(request?.url).toBe(`/${path}?page=1&sort=%2BId`);
    expect(request?.headers).toMatchObject({
      authorization: "Bearer token-1",
      "st-app-key": "ak1.kanari-app-key",
      accept: "application/json",
      connection: "keep-alive",
    });
    expect(request?.headers["accept-encoding"]).toContain("gzip");
  });

  it("returns the parsed body, with its size and the server's time", async () => {
    const { get } = setUp([{ body: { name: "Ümit" }, headers: { date: "Thu, 01 Jan 2026 00:00:00 GMT" } }]);

    expect(await get()).toMatchObject({
      body: { name: "Ümit" },
      rows: [],
      serverTime: Date.parse("2026-01-01T00:00:00Z"),
      bytes: 16,
    });
  });

  it("reads compressed bodies", async () => {
    const { get } = await setUpSockets([
      (_, response) => {
        response.writeHead(200, { "content-encoding": "gzip", "content-type": "application/json" });
        response.end(gzipSync('{"data":[]}'));
      },
    ]);

    expect((await get()).body).toEqual({ data: [] });
  });

  it("renews the token once after a 401 and repeats the call with the new one", async () => {
    const { get, server, tokens, client } = setUp([{ status: 401 }, page]);

    expect((await get()).rows.map(({ value }) => value)).toEqual([{ id: 1 }]);
    expect(tokens.refused).toEqual(["token-1"]);
    expect(server.requests.map((request) => request.headers.authorization)).toEqual([
      "Bearer token-1",
      "Bearer token-2",
    ]);
    expect(client.figures()).toEqual({ requests: 2, throttled: 0, retries: 0 });
  });

  it("gives up after a second 401, without dropping the new token", async () => {
    const { get, server, tokens } = setUp([{ status: 401 }, { status: 401 }]);

    const error = await failureOf(get());
    expect(error).toBeInstanceOf(AuthError);
    expect(error).toMatchObject({ code: "AUTH_REJECTED" });
    expect(tokens.refused).toEqual(["token-1"]);
    expect(server.requests).toHaveLength(2);
  });

  it("mistook a 401 of one resource for a refusal of the token, which another resource accepts", async () => {
    const probes = [path, "accounting/v2/tenant/1001/invoices", "jpm/v2/tenant/1001/jobs"];
    for (const elsewhere of [page, { status: 403 }]) {
      const { get, server } = setUp([{ status: 401 }, { status: 401 }, elsewhere], {}, probes);

      const error = await failureOf(get());
      expect(error).toBeInstanceOf(InsufficientScopeError);
      expect(error).toMatchObject({ hint: expect.stringContaining("accepts the same token") });
      expect(server.requests.slice(2).map(({ url }) => url)).toEqual([
        "/accounting/v2/tenant/1001/invoices?pageSize=1",
      ]);
    }
  });

  it("concludes that a token is refused if two other resources refuse it as well", async () => {
    const probes = ["accounting/v2/tenant/1001/invoices", "jpm/v2/tenant/1001/jobs", "crm/v2/tenant/1001/x"];
    const { get, server } = setUp(
      [1, 2, 3, 4].map(() => ({ status: 401 })),
      {},
      probes,
    );

    expect(await failureOf(get())).toMatchObject({ code: "AUTH_REJECTED" });
    expect(server.requests).toHaveLength(4);
  });

  it("does not repeat a 403", async () => {
    const { get, server } = setUp([{ status: 403, body: { title: "Scope validation failed" } }]);

    expect(await failureOf(get())).toBeInstanceOf(InsufficientScopeError);
    expect(server.requests).toHaveLength(1);
  });

  it.each<[string, AnswerContent, number]>([
    ["seconds in the header", { status: 429, headers: { "retry-after": "5" } }, 5000],
    [
      "a date in the header",
      {
        status: 429,
        headers: { date: "Thu, 01 Jan 2026 00:00:00 GMT", "retry-after": "Thu, 01 Jan 2026 00:00:09 GMT" },
      },
      9000,
    ],
    ["seconds in the title", { status: 429, body: { title: "Try again in 60 seconds." } }, 60_000],
    ["nothing", { status: 429 }, 1000],
  ])("waits out a 429 that announces %s", async (_, answer, waitMs) => {
    const { get, client, clock } = setUp([answer, page]);

    await get();
    expect(clock.sleeps).toEqual([waitMs]);
    expect(client.figures()).toEqual({ requests: 2, throttled: 1, retries: 0 });
  });

  it("gives up on throttling after ten minutes", async () => {
    const { get } = setUp(() => ({ status: 429, headers: { "retry-after": "240" } }));

    expect(await failureOf(get())).toBeInstanceOf(RateLimitError);
  });

  it("repeats an HTML 503, a cut body and a cut connection", async () => {
    const { get, client, clock } = await setUpSockets([
      { status: 503, body: "<html>busy</html>" },
      { body: '{"data":[{"id":1},{"na', headers: { "content-type": "application/json" } },
      (_, response) => {
        response.writeHead(200, { "content-length": "1000" });
        response.write('{"data":[');
        setImmediate(() => response.destroy());
      },
      (_, response) => response.destroy(),
      page,
    ]);

    expect((await get()).rows.map(({ value }) => value)).toEqual([{ id: 1 }]);
    expect(clock.sleeps).toEqual([1000, 2000, 4000, 8000]);
    expect(client.figures()).toEqual({ requests: 5, throttled: 0, retries: 4 });
  });

  it("reports how the last attempt failed", async () => {
    const cut = await setUpSockets([(_, response) => response.destroy()], { maxAttempts: 1 });
    expect(await failureOf(cut.get())).toBeInstanceOf(NetworkError);

    const html = setUp([{ body: "<html>" }], { maxAttempts: 1 });
    const error = await failureOf(html.get());
    expect(error).toBeInstanceOf(ApiResponseError);
    expect(error).toMatchObject({ status: 200, retryable: true });
  });

  it("uses the status of a refusal whose body is cut", async () => {
    const { get } = await setUpSockets([
      (_, response) => {
        response.writeHead(403, { "content-length": "1000" });
        response.write("{");
        setImmediate(() => response.destroy());
      },
    ]);

    expect(await failureOf(get())).toBeInstanceOf(InsufficientScopeError);
  });

  it.each([301, 302, 307, 308])(
    "refuses a redirect (%i): the credentials are sent nowhere else",
    async (status) => {
      const elsewhere = await startLoopbackServer([page]);
      const { get } = await setUpSockets([{ status, headers: { location: `${elsewhere.url}/${path}` } }]);

      const error = await failureOf(get());
      expect(error).toBeInstanceOf(ApiResponseError);
      expect(error).toMatchObject({ status, retryable: false });
      expect(elsewhere.requests).toEqual([]);
    },
  );

  it("limits a request's time", async () => {
    const { get } = await setUpSockets([() => undefined], { attemptTimeoutMs: 30, maxAttempts: 1 });

    expect(await failureOf(get())).toBeInstanceOf(TimeoutError);
  });

  it("limits the body's time as well", async () => {
    const { get } = await setUpSockets(
      [
        (_, response) => {
          response.writeHead(200, { "content-length": "1000" });
          response.write("{");
        },
      ],
      { attemptTimeoutMs: 60, maxAttempts: 1 },
    );

    expect(await failureOf(get())).toBeInstanceOf(TimeoutError);
  });

  it("stops at once when the caller aborts, and does not retry", async () => {
    const controller = new AbortController();
    const { get, server } = await setUpSockets([() => controller.abort()]);

    expect(await failureOf(get(controller.signal))).toBeInstanceOf(AbortedError);
    expect(server.requests).toHaveLength(1);
  });

  it("logs method, path, status, time, size, attempt and failure of each request, nothing else", async () => {
    const { get, logger } = setUp([{ status: 503, body: "x" }, page]);
    await get();

    const shared = { method: "GET", path, durationMs: 0 };
    expect(logger.lines).toEqual([
      {
        level: "debug",
        message: "api request",
        fields: { ...shared, status: 503, bytes: 1, attempt: 1, code: "API_UNAVAILABLE" },
      },
      {
        level: "debug",
        message: "api request",
        fields: { ...shared, status: 200, bytes: 35, attempt: 2, code: null },
      },
    ]);
  });

  it("keeps connections open for the requests that follow", async () => {
    const ports: (number | undefined)[] = [];
    const answer: ScriptedAnswer = (_request, response) => {
      ports.push(response.socket?.remotePort);
      response.end("{}");
    };
    const calls = 12;
    const { get } = await setUpSockets(Array.from({ length: calls }, () => answer));
    for (let call = 0; call < calls; call += 1) await get();

    expect(ports).toHaveLength(calls);
    // Fetch may open another while it is still done with the first.
    expect(new Set(ports).size).toBeLessThan(calls / 3);
  });

  it("refuses an address that must not receive credentials", () => {
    expect(() =>
      createApiClient({
        apiUrl: "http://api.example.com",
        appKey: new Secret("k"),
        tokens: numberedTokens(),
        limiter: createOpenLimiter(createSkippingClock()),
        clock: createSkippingClock(),
        random: Math.random,
        logger: createCapturingLogger(),
      }),
    ).toThrow(ConfigError);
  });
});
