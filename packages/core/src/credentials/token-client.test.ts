import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { createFakeClock } from "../__fixtures__/fake-clock.js";
import {
  type AnswerContent,
  type ScriptedAnswer,
  type SeenRequests,
  startLoopbackServer,
} from "../__fixtures__/loopback-server.js";
import { stubAnswers } from "../__fixtures__/stubbed-service-titan.js";
import { Secret } from "../crypto/secret.js";
import { AbortedError, ConfigError, InvalidCredentialsError, TokenRequestError } from "../errors.js";
import { createTokenClient } from "./token-client.js";

const values = { clientId: new Secret("cid.kanari-id"), clientSecret: new Secret("cs1.kanari&secret=1") };
const issued: AnswerContent = {
  body: { access_token: "token-1", expires_in: 900, token_type: "Bearer", scope: "tn.acc.invoices:r" },
};

const setUp = (...answers: AnswerContent[]) => setUpWith(stubAnswers(answers));

/** For what only a real connection does. */
const setUpSockets = async (...answers: ScriptedAnswer[]) => setUpWith(await startLoopbackServer(answers));

function setUpWith(server: SeenRequests) {
  const clock = createFakeClock();
  const client = createTokenClient({ authUrl: server.url, fetch, clock });
  const request = (signal = new AbortController().signal) => client.request(values, signal);
  const failure = () =>
    request().then(
      () => null,
      (error: unknown) => error,
    );
  return { server, clock, request, failure };
}

describe("createTokenClient", () => {
  it("sends the client-credentials grant as a form", async () => {
    const { server, request } = setUp(issued);
    await request();

    const [seen] = server.requests;
    expect([seen?.method, seen?.url]).toEqual(["POST", "/connect/token"]);
    expect(seen?.headers["content-type"]).toMatch(/^application\/x-www-form-urlencoded/);
    expect(seen?.headers.authorization).toBeUndefined();
    expect(Object.fromEntries(new URLSearchParams(seen?.body))).toEqual({
      grant_type: "client_credentials",
      client_id: "cid.kanari-id",
      client_secret: "cs1.kanari&secret=1",
    });
  });

  it("returns the token with its times, counted from before the request", async () => {
    const { clock, request } = setUp(issued);

    expect(await request()).toEqual({
      accessToken: "token-1",
      issuedAt: clock.now(),
      expiresAt: clock.now() + 900_000,
    });
  });

  it("assumes 900 seconds if the response does not say", async () => {
    const { request } = setUp({ body: { access_token: "token-1", token_type: "bearer" } });
    const token = await request();

    expect(token.expiresAt - token.issuedAt).toBe(900_000);
  });

  it.each<[string, AnswerContent]>([
    ["invalid_client", { status: 400, body: { error: "invalid_client" } }],
    ["unauthorized_client", { status: 400, body: { error: "unauthorized_client" } }],
    ["invalid_client with 401", { status: 401, body: { error: "invalid_client" } }],
  ])("takes %s for refused credentials and lists the usual causes", async (_, answer) => {
    const { failure } = setUp(answer);
    const error = await failure();

    expect(error).toBeInstanceOf(InvalidCredentialsError);
    expect(error).toMatchObject({ code: "AUTH_INVALID_CREDENTIALS", retryable: false });
    const hint = error instanceof InvalidCredentialsError ? error.hint : "";
    for (const cause of ["environment", "whitespace", "API Application Access"])
      expect(hint).toContain(cause);
  });

  it.each<[string, AnswerContent, Partial<TokenRequestError>]>([
    [
      "throttling",
      { status: 429, headers: { "retry-after": "12" } },
      { status: 429, retryable: true, retryAfterMs: 12_000 },
    ],
    [
      "throttling told in the title",
      { status: 429, body: { title: "Try again in 30 seconds." } },
      { status: 429, retryable: true, retryAfterMs: 30_000 },
    ],
    ["an HTML 503", { status: 503, body: "<html>" }, { status: 503, retryable: true }],
    ["a cut body", { body: '{"access_token":"to' }, { status: 200, retryable: true }],
    ["another body", { body: { hello: "world" } }, { status: 200, retryable: true }],
    ["another refusal", { status: 400, body: { error: "invalid_scope" } }, { status: 400, retryable: false }],
    [
      "a refusal that passes",
      { status: 400, body: { error: "temporarily_unavailable" } },
      { retryable: true },
    ],
    ["a wrong address", { status: 404, body: "<html>" }, { status: 404, retryable: false }],
    ["a firewall's 400", { status: 400, body: "<html>" }, { status: 400, retryable: true }],
  ])("says whether it may pass: %s", async (_, answer, expected) => {
    const { failure } = setUp(answer);
    const error = await failure();

    expect(error).toBeInstanceOf(TokenRequestError);
    expect(error).toMatchObject(expected);
  });

  it("is retryable when the connection is cut", async () => {
    const { failure } = await setUpSockets((_, response) => response.destroy());
    const error = await failure();

    expect(error).toBeInstanceOf(TokenRequestError);
    expect(error).toMatchObject({ status: null, retryable: true });
  });

  it.each<[string, AnswerContent]>([
    ["a page with 401", { status: 401, body: "<html>" }],
    ["a page with 403", { status: 403, body: "<html>" }],
    ["a bare 401", { status: 401 }],
    ["a 401 with a challenge", { status: 401, headers: { "www-authenticate": 'Basic realm="x"' } }],
    ["a problem with 401", { status: 401, body: { title: "Unauthorized", status: 401 } }],
  ])("took %s, which a firewall may send, for a verdict on the credential", async (_, answer) => {
    const { failure } = setUp(answer);
    const error = await failure();

    expect(error).toBeInstanceOf(TokenRequestError);
    expect(error).toMatchObject({
      retryable: true,
      hint: expect.stringContaining("does not mean that the credential is wrong"),
    });
  });

  it.each<[string, object]>([
    [
      "null in every field that may be missing",
      { token_type: null, scope: null, refresh_token: null, expires_in: null },
    ],
    ["nothing but the token", {}],
    ["scopes in a list", { token_type: "Bearer", scope: ["a", "b"] }],
    ["a life of nothing", { token_type: "Bearer", expires_in: 0 }],
  ])("takes an answer with %s", async (_, fields) => {
    const { request } = setUp({ body: { access_token: "token-1", ...fields } });
    const token = await request();

    expect(token).toMatchObject({ accessToken: "token-1" });
    expect(token.expiresAt - token.issuedAt).toBe(900_000);
  });

  it("accepts a lifetime as text, limits it to a day, and accepts another content type", async () => {
    const lifeOf = async (expires_in: unknown) => {
      const body = JSON.stringify({ access_token: "token-1", expires_in });
      const { request } = setUp({ body, headers: { "content-type": "text/html" } });
      const { issuedAt, expiresAt } = await request();
      return expiresAt - issuedAt;
    };
    expect(await lifeOf("600")).toBe(600_000);
    expect(await lifeOf(1e15)).toBe(86_400_000);
  });

  it.each<[object | string, string]>([
    [{ access_token: "kanari", token_type: "DPoP" }, "answered 200, but token_type is DPoP, not Bearer."],
    [{ token_type: "Bearer" }, "answered 200, but access_token is missing."],
    ["<html>", "answered 200, but the body is not JSON."],
  ])("did not say what is wrong with an answer: %j", async (body, text) => {
    const { failure } = setUp({ body });
    expect(String(await failure())).toContain(text);
  });

  it("follows no redirect: the secret is sent nowhere else", async () => {
    const elsewhere = await startLoopbackServer([issued]);
    const { failure } = await setUpSockets({
      status: 307,
      headers: { location: `${elsewhere.url}/connect/token` },
    });

    expect(await failure()).toMatchObject({ code: "AUTH_TOKEN_REQUEST", status: 307, retryable: false });
    expect(elsewhere.requests).toEqual([]);
  });

  it("stops when the caller aborts, even if fetch ignores the signal", async () => {
    const { signal, abort } = abortSoon();
    const { request } = await setUpSockets(() => abort());
    await expect(request(signal)).rejects.toThrow(AbortedError);

    const deaf = createTokenClient({
      authUrl: "https://auth.example.com",
      fetch: () => new Promise(() => undefined),
      clock: createFakeClock(),
    });
    const second = abortSoon();
    const stuck = deaf.request(values, second.signal);
    second.abort();
    await expect(stuck).rejects.toThrow(AbortedError);
    await expect(deaf.request(values, second.signal)).rejects.toThrow(AbortedError);
  });

  it("puts no secret or token into any error", async () => {
    const echo = { error: "invalid_request", error_description: "cs1.kanari&secret=1 for cid.kanari-id" };
    for (const answer of [
      { status: 400, body: echo },
      { status: 400, body: { ...echo, error: "invalid_client" } },
      { status: 400, body: { error: "cs1.kanari&secret=1" } },
      { body: { access_token: "kanari", token_type: 5 } },
      { body: '{"access_token":"kanari' },
    ]) {
      const { failure } = setUp(answer);
      const error = await failure();
      const printed = `${inspect(error, { depth: 9, showHidden: true })}${JSON.stringify(error)}`;
      expect(error).toBeInstanceOf(Error);
      expect(printed).not.toContain("kanari");
    }
  });

  it("refuses an address that must not receive secrets", () => {
    const clock = createFakeClock();
    expect(() => createTokenClient({ authUrl: "http://auth.example.com", fetch, clock })).toThrow(
      ConfigError,
    );
  });
});

function abortSoon() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}
