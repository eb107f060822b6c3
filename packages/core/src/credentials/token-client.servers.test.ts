import { createServer } from "node:http";
import { OAuth2Server } from "oauth2-mock-server";
import { Provider } from "oidc-provider";
import { describe, expect, it, onTestFinished } from "vitest";
import { createFakeClock } from "../__fixtures__/fake-clock.js";
import { Secret } from "../crypto/secret.js";
import { InvalidCredentialsError, TokenRequestError } from "../errors.js";
import { createTokenClient } from "./token-client.js";

/** Two OAuth servers that other people wrote: each must understand what we send, and be understood. */
const clientId = "cid.abcdefghijklmnopqrstuvwxy";
/** With characters that a form has to encode. */
const clientSecret = "cs1.a+b&c=d%e/f g~h";

function requestFrom(authUrl: string, secret = clientSecret) {
  const clock = createFakeClock();
  const client = createTokenClient({ authUrl, fetch, clock });
  const values = { clientId: new Secret(clientId), clientSecret: new Secret(secret) };
  return { clock, request: () => client.request(values, new AbortController().signal) };
}

describe("with oidc-provider", () => {
  async function start(): Promise<string> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    const url = `http://127.0.0.1:${port}`;
    const provider = new Provider(url, {
      clients: [
        {
          client_id: clientId,
          client_secret: clientSecret,
          grant_types: ["client_credentials"],
          response_types: [],
          redirect_uris: [],
          token_endpoint_auth_method: "client_secret_post",
        },
      ],
      features: { clientCredentials: { enabled: true }, devInteractions: { enabled: false } },
      routes: { token: "/connect/token" },
      ttl: { ClientCredentials: 900 },
    });
    server.on("request", provider.callback());
    return url;
  }

  it("gets a token", async () => {
    const { request, clock } = requestFrom(await start());
    const token = await request();

    expect(token.accessToken.length).toBeGreaterThan(20);
    expect(token).toMatchObject({ issuedAt: clock.now(), expiresAt: clock.now() + 900_000 });
  });

  it("recognizes a wrong secret", async () => {
    const { request } = requestFrom(await start(), "cs1.another-secret");

    await expect(request()).rejects.toThrow(InvalidCredentialsError);
  });
});

describe("with oauth2-mock-server", () => {
  async function start(): Promise<OAuth2Server> {
    const server = new OAuth2Server(undefined, undefined, { endpoints: { token: "/connect/token" } });
    await server.issuer.keys.generate("RS256");
    await server.start(0, "127.0.0.1");
    onTestFinished(() => server.stop());
    return server;
  }

  const urlOf = (server: OAuth2Server): string => `http://127.0.0.1:${server.address().port}`;

  it("gets a token, and sends what the grant requires", async () => {
    const server = await start();
    let sent: unknown = null;
    server.service.once("beforeResponse", (response, request) => {
      sent = request.body;
      response.body = { ...(response.body ?? {}), expires_in: 900 };
    });
    const { request, clock } = requestFrom(urlOf(server));
    const token = await request();

    expect(token.accessToken.split(".")).toHaveLength(3);
    expect(token.expiresAt).toBe(clock.now() + 900_000);
    expect(sent).toMatchObject({
      grant_type: "client_credentials",
      client_id: clientId,
      client_secret: clientSecret,
    });
  });

  it.each([
    [400, { error: "invalid_client" }, InvalidCredentialsError],
    [401, { error: "invalid_client" }, InvalidCredentialsError],
    [400, { error: "invalid_request" }, TokenRequestError],
    [500, { error: "server_error" }, TokenRequestError],
  ])("understands a %i with %j", async (statusCode, body, kind) => {
    const server = await start();
    server.service.once("beforeResponse", (response) => {
      response.statusCode = statusCode;
      response.body = body;
    });

    await expect(requestFrom(urlOf(server)).request()).rejects.toThrow(kind);
  });
});
