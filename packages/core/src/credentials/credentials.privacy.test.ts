import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { createCapturingLogger } from "../__fixtures__/capturing-logger.js";
import { createSkippingClock } from "../__fixtures__/fake-clock.js";
import { canaryInput } from "../__fixtures__/stored-credential.js";
import { generateEncryptionKey } from "../crypto/generate-key.js";
import { jweEncryptor } from "../crypto/jwe-encryptor.js";
import { staticKeys } from "../crypto/static-keys.js";
import { createApiClient } from "../http/api-client.js";
import { createRateLimiters } from "../http/rate-limiters.js";
import { memoryStorage } from "../memory/memory-storage.js";
import { shippedCatalog } from "../records/definitions/definitions.js";
import { createCredentialManager } from "./credential-manager.js";
import { openCredential } from "./open-credential.js";
import { rotateKeys } from "./rotate-keys.js";
import { createTokenClient } from "./token-client.js";
import { createTokenProvider } from "./token-provider.js";

/** Stands in every secret and in every token. */
const canary = "kanari";
const token = "kanari.access.token";

interface Sent {
  readonly url: string;
  readonly headers: Headers;
  readonly body: string;
}

/** A server that quotes whatever it was sent, in every way it can. */
function quoting(status: number, request: Sent): Response {
  const quoted = [...request.headers.values(), canaryInput.clientSecret, canaryInput.appKey, token].join(" ");
  const body = { title: quoted, traceId: token, error: quoted, error_description: quoted, detail: quoted };
  return new Response(status === 0 ? `<html>${quoted}` : JSON.stringify(body), {
    status: status === 0 ? 200 : status,
    headers: { "content-type": "application/json", "x-quoted": quoted },
  });
}

const issued = () =>
  Response.json({ access_token: token, token_type: "Bearer", expires_in: 900 }, { status: 200 });

/**
 * @param authStatus - Of the token endpoint's answer; `null` issues a token, 0 is HTML.
 * @param apiStatus - Of the API's answers; `null` is a page.
 */
function setUp(authStatus: number | null, apiStatus: number | null) {
  const sent: Sent[] = [];
  const clock = createSkippingClock();
  const logger = createCapturingLogger();
  const storage = memoryStorage({ clock });
  const ring = `${generateEncryptionKey("k1")}`;
  const encryptor = jweEncryptor(staticKeys(ring));
  const answer: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const seen = { url: request.url, headers: request.headers, body: await request.text() };
    sent.push(seen);
    const isToken = request.url.endsWith("/connect/token");
    const status = isToken ? authStatus : apiStatus;
    if (status === -1) throw new TypeError(`failed with ${canaryInput.clientSecret} and ${token}`);
    if (status !== null) return quoting(status, seen);
    return isToken ? issued() : Response.json({ data: [], hasMore: false });
  };
  const endpoints = { apiUrl: "https://api.example.com", authUrl: "https://auth.example.com" };
  const shared = { clock, logger, random: () => 0.5, fetch: answer, encryptor, store: storage };
  // A deadline must not pass in a time that skips.
  const manager = createCredentialManager({
    ...shared,
    feedsOff: async () => [],
    catalog: shippedCatalog,
    clock: {
      ...clock,
      sleep: (ms, signal) => (ms === 10_000 ? new Promise(() => undefined) : clock.sleep(ms, signal)),
    },
    newId: () => "credential-1",
    endpoints: () => endpoints,
    limiters: createRateLimiters({ requestsPerSecond: 55, clock }),
  });
  return { ...shared, ...endpoints, sent, storage, manager, ring };
}

/** Everything that may be seen of what happened. */
async function everythingSeen(
  test: ReturnType<typeof setUp>,
  results: readonly unknown[],
): Promise<readonly string[]> {
  const credentials = await test.storage.listCredentials({}, { limit: 100 });
  const audit = await test.storage.listAudit({}, { limit: 1000 });
  const seen = [...results, ...test.logger.lines, ...credentials.items, ...audit.items];
  return [
    ...seen.flatMap((value) => [
      inspect(value, { depth: 20, showHidden: true }),
      JSON.stringify(value) ?? "",
    ]),
    ...results.map((value) => (value instanceof Error ? `${value.message} ${value.stack} ${value}` : "")),
  ];
}

const outcomeOf = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);

const servers: readonly [string, number | null, number | null][] = [
  ["a server that behaves", null, null],
  ["a token endpoint that quotes secrets in a 400", 400, null],
  ["a token endpoint that quotes secrets in a 401", 401, null],
  ["a token endpoint that quotes secrets in a 503", 503, null],
  ["a token endpoint that quotes secrets in HTML", 0, null],
  ["a token endpoint whose connection fails with secrets in the error", -1, null],
  ["an API that quotes secrets in a 401", null, 401],
  ["an API that quotes secrets in a 403", null, 403],
  ["an API that quotes secrets in a 404", null, 404],
  ["an API that quotes secrets in a 503", null, 503],
  ["an API that quotes secrets in HTML", null, 0],
  ["an API whose connection fails with secrets in the error", null, -1],
];

describe.each(servers)("with %s", (_, authStatus, apiStatus) => {
  async function useEverything() {
    const test = setUp(authStatus, apiStatus);
    const { manager, storage, encryptor } = test;
    const results: unknown[] = [];
    const run = async (work: Promise<unknown>) => {
      results.push(await outcomeOf(work));
    };
    await run(manager.testValues(canaryInput));
    await run(manager.create(canaryInput, { test: true }));
    await run(manager.create(canaryInput));
    await run(manager.create({ ...canaryInput, tenantId: canary, clientId: canaryInput.clientSecret }));
    await run(
      manager.update("credential-1", { clientSecret: `${canaryInput.clientSecret}2` }, { test: true }),
    );
    await run(manager.update("credential-1", { appKey: `${canaryInput.appKey}2` }));
    await run(manager.update("credential-1", { tenantId: canary }));
    await run(manager.test("credential-1"));
    await run(manager.list({}, { limit: 10 }));
    const stored = await storage.findCredential("credential-1");
    if (stored !== null) {
      const opened = await openCredential(stored, encryptor);
      const tokens = createTokenProvider({
        ...test,
        credentialId: stored.id,
        client: createTokenClient(test),
        audit: storage,
      });
      const limiter = createRateLimiters({ requestsPerSecond: 55, clock: test.clock }).for(
        "1001",
        opened.appKey,
      );
      const client = createApiClient({ ...test, appKey: opened.appKey, tokens, limiter });
      const { signal } = new AbortController();
      await run(client.get("crm/v2/tenant/1001/customers", { page: "1" }, { signal }));
      results.push(opened, client);
    }
    const rotated = staticKeys(`${generateEncryptionKey("k2")},${test.ring}`);
    await run(rotateKeys({ store: storage, encryptor: jweEncryptor(rotated), keys: rotated }));
    await run(rotateKeys({ store: storage, encryptor: jweEncryptor(rotated), keys: staticKeys(test.ring) }));
    await run(manager.remove("unknown"));
    return { test, results };
  }

  it("no log line, error, response, audit entry or stored row contains a secret", async () => {
    const { test, results } = await useEverything();
    const seen = await everythingSeen(test, results);

    expect(seen.length).toBeGreaterThan(30);
    // A mask may show the last four characters: none of these is a part of the canary.
    for (const text of seen) expect(text.toLowerCase()).not.toContain(canary);
  });

  it("no request but the token call, and no header but the two for it, contains a secret", async () => {
    const { test } = await useEverything();

    for (const { url, headers, body } of test.sent) {
      expect(url).not.toContain(canary);
      if (url.endsWith("/connect/token")) continue;
      headers.delete("authorization");
      headers.delete("st-app-key");
      expect(JSON.stringify([...headers, body])).not.toContain(canary);
    }
    expect(test.sent.length).toBeGreaterThan(2);
  });
});
