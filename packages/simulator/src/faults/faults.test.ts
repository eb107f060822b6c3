import { describe, expect, test } from "vitest";
import { createSimulator, type Simulator } from "../simulator.js";
import { connect, createManualClock, ids, requestToken, type TestClient } from "../test-support.js";
import type { Fault, FaultEffect } from "./fault.js";

const path = "crm/v2/tenant/1001/export/customers";
const listPath = "crm/v2/tenant/1001/customers?active=Any&pageSize=2";

async function open(...faults: readonly Fault[]): Promise<{ simulator: Simulator; client: TestClient }> {
  const simulator = createSimulator({
    tenants: [{ customers: 7 }, { customers: 1 }],
    exportPageSize: 3,
    now: createManualClock().now,
  });
  const client = await connect(simulator);
  for (const fault of faults) simulator.faults.inject(fault);
  return { simulator, client };
}

function next(reply: { body: Readonly<Record<string, unknown>> }): string {
  return `${path}?from=${encodeURIComponent(String(reply.body["continueFrom"]))}`;
}

async function statuses(client: TestClient, count: number, where = path): Promise<number[]> {
  const found: number[] = [];
  for (let index = 0; index < count; index += 1) found.push((await client.get(where)).status);
  return found;
}

describe("a fault", () => {
  const effect: FaultEffect = { kind: "status", status: 503 };

  test("affects every matching request until it is removed or all are cleared", async () => {
    const { simulator, client } = await open();
    const fault = simulator.faults.inject({ effect });
    expect(await statuses(client, 2)).toEqual([503, 503]);
    expect(fault.hits()).toBe(2);
    fault.remove();
    expect(await statuses(client, 1)).toEqual([200]);
    simulator.faults.inject({ effect });
    simulator.faults.clear();
    expect(await statuses(client, 1)).toEqual([200]);
  });

  test("occurs as often as configured", async () => {
    const { client } = await open({ effect, times: 2 });
    expect(await statuses(client, 3)).toEqual([503, 503, 200]);
  });

  test("affects the n-th request, and the configured number after it", async () => {
    expect(await statuses((await open({ effect, nth: 2 })).client, 3)).toEqual([200, 503, 200]);
    const { client } = await open({ effect, nth: 2, times: 2 });
    expect(await statuses(client, 4)).toEqual([200, 503, 503, 200]);
  });

  test("affects a share of the requests, the same ones for the same seed", async () => {
    const run = async () => statuses((await open({ effect, probability: 0.3 })).client, 60);
    const found = await run();
    const hits = found.filter((status) => status === 503).length;
    expect(hits).toBeGreaterThan(8);
    expect(hits).toBeLessThan(30);
    expect(await run()).toEqual(found);
  });

  test.each<[string, Partial<Fault>, boolean]>([
    ["its feed", { feed: "customers" }, true],
    ["another feed", { feed: "invoices" }, false],
    ["its endpoint", { endpoint: "export" }, true],
    ["another endpoint", { endpoint: "list" }, false],
    ["the token endpoint", { endpoint: "token" }, false],
    ["its tenant", { tenantId: "1001" }, true],
    ["another tenant", { tenantId: "1002" }, false],
    ["its path", { path: /export\/customers$/ }, true],
    ["another path", { path: /invoices/ }, false],
  ])("that is aimed at %s", async (_, match, isHit) => {
    const { client } = await open({ effect, ...match });
    expect(await statuses(client, 1)).toEqual([isHit ? 503 : 200]);
  });

  test("can affect the token endpoint", async () => {
    const { simulator } = await open({ effect, endpoint: "token", times: 1 });
    expect((await requestToken(simulator)).status).toBe(503);
    expect((await requestToken(simulator)).status).toBe(200);
  });

  test("is not used up by a request that is refused before it would occur", async () => {
    const { client } = await open({ effect: { kind: "cut-json" }, times: 1 });
    expect((await client.get(path, { authorization: "wrong" })).status).toBe(401);
    expect((await client.get(path)).body).toEqual({});
  });
});

describe("error answers", () => {
  test("are HTML, a problem or empty, with any headers", async () => {
    const { client } = await open(
      { effect: { kind: "status", status: 502, body: "html" }, times: 1 },
      {
        effect: { kind: "status", status: 409, title: "The service is suspended for maintenance." },
        times: 1,
      },
      { effect: { kind: "status", status: 408, body: "empty", headers: { "x-request-id": "7" } }, times: 1 },
      { effect: { kind: "status", status: 401, body: "oauth" }, times: 1 },
    );
    const html = await client.get(path);
    expect([html.status, html.headers.get("content-type")]).toEqual([502, "text/html"]);
    expect(html.text).toMatch(/^<html>/);
    expect((await client.get(path)).body).toMatchObject({
      status: 409,
      title: "The service is suspended for maintenance.",
      traceId: expect.any(String),
    });
    const empty = await client.get(path);
    expect([empty.status, empty.text, empty.headers.get("x-request-id")]).toEqual([408, "", "7"]);
    expect(await client.get(path)).toMatchObject({ status: 401, body: { error: "invalid_client" } });
  });

  test.each([
    ["seconds", "7", "Rate limit is exceeded. Try again in 7 seconds."],
    ["date", "Thu, 15 Jan 2026 12:00:07 GMT", "Rate limit is exceeded."],
    ["title", null, "Rate limit is exceeded. Try again in 7 seconds."],
    ["none", null, "Rate limit is exceeded."],
  ] as const)("announce the wait of a throttle as: %s", async (retryAfter, header, title) => {
    const { simulator, client } = await open({ effect: { kind: "throttle", retryAfter, seconds: 7 } });
    const reply = await client.get(path);
    expect([reply.status, reply.headers.get("retry-after"), reply.body["title"]]).toEqual([
      429,
      header,
      title,
    ]);
    expect(simulator.counters().throttled).toBe(1);
  });
});

describe("faults of the connection, without a socket", () => {
  test("reset: the request fails as fetch does", async () => {
    const { simulator, client } = await open({ effect: { kind: "reset" } });
    await expect(client.get(path)).rejects.toThrow(
      expect.objectContaining({ name: "TypeError", cause: expect.objectContaining({ code: "ECONNRESET" }) }),
    );
    expect(simulator.counters().byStatus).toEqual({ reset: 1 });
  });

  test("cut-body: the announced length is not reached and reading fails", async () => {
    const { simulator, client } = await open({ effect: { kind: "cut-body" } });
    const headers = { authorization: client.token, "st-app-key": simulator.tenants[0]?.appKey ?? "" };
    const response = await simulator.handle(new Request(`http://simulator/${path}`, { headers }));
    expect(response.status).toBe(200);
    expect(Number(response.headers.get("content-length"))).toBeGreaterThan(1000);
    await expect(response.text()).rejects.toThrow("terminated");
  });

  test("cut-json: the response is complete but its JSON is not", async () => {
    const { client } = await open({ effect: { kind: "cut-json", share: 0.25 } });
    const { status, text } = await client.get(path);
    expect(status).toBe(200);
    expect(text).toMatch(/^\{"hasMore":true/);
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
  });

  test("hang: nothing arrives until the caller gives up", async () => {
    const { simulator, client } = await open({ effect: { kind: "hang" } });
    const givingUp = new AbortController();
    const headers = { authorization: client.token, "st-app-key": simulator.tenants[0]?.appKey ?? "" };
    const request = new Request(`http://simulator/${path}`, { headers, signal: givingUp.signal });
    const hanging = simulator.handle(request);
    const first = await Promise.race([
      hanging,
      new Promise((resolve) => setImmediate(resolve, "nothing yet")),
    ]);
    expect(first).toBe("nothing yet");
    givingUp.abort(new Error("patience is over"));
    await expect(hanging).rejects.toThrow("patience is over");
  });

  test("latency: the right response arrives late, and waiting ends when the caller gives up", async () => {
    const { simulator, client } = await open({ effect: { kind: "latency", ms: 20 }, times: 1 });
    let hasPassed = false;
    const passing = new Promise((resolve) => setTimeout(resolve, 10)).then(() => {
      hasPassed = true;
    });
    expect((await client.get(path)).status).toBe(200);
    expect(hasPassed).toBe(true);
    await passing;

    simulator.faults.inject({ effect: { kind: "latency", ms: 3_600_000 } });
    const headers = { authorization: client.token, "st-app-key": simulator.tenants[0]?.appKey ?? "" };
    const signal = AbortSignal.timeout(10);
    const slow = simulator.handle(new Request(`http://simulator/${path}`, { headers, signal }));
    await expect(slow).rejects.toThrow(/timeout/);
  });
});

describe("faults of exports", () => {
  test("repeat-page: the previous page is returned again with its own token; a retry helps", async () => {
    const { client } = await open({ effect: { kind: "repeat-page" }, times: 1 });
    const first = await client.get(path);
    expect(await client.get(next(first))).toMatchObject({ body: first.body });
    expect(ids((await client.get(next(first))).data)).not.toEqual(ids(first.data));
  });

  test("repeat-page with advance: the previous rows are returned again with the token of the expected page", async () => {
    const { client } = await open();
    const first = await client.get(path);
    const second = await client.get(next(first));
    const spoilt = await open({ effect: { kind: "repeat-page", advance: true }, times: 1 });
    const firstAgain = await spoilt.client.get(path);
    const repeated = await spoilt.client.get(next(firstAgain));
    expect(ids(repeated.data)).toEqual(ids(first.data));
    expect(repeated.body["continueFrom"]).toBe(second.body["continueFrom"]);
  });

  test("stuck-token: the right rows are returned with the token that was sent", async () => {
    const { client } = await open({ effect: { kind: "stuck-token" }, times: 1 });
    const first = await client.get(path);
    const stuck = await client.get(next(first));
    expect(stuck.body).toMatchObject({ hasMore: true, continueFrom: first.body["continueFrom"] });
    const healed = await client.get(next(first));
    expect(ids(healed.data)).toEqual(ids(stuck.data));
    expect(healed.body["continueFrom"]).not.toBe(first.body["continueFrom"]);
  });

  test("empty-page: no rows, more announced, and a new token for the same place", async () => {
    const { client } = await open({ effect: { kind: "empty-page" }, nth: 2, times: 2 });
    const first = await client.get(path);
    const empty = await client.get(next(first));
    const emptyAgain = await client.get(next(empty));
    for (const page of [empty, emptyAgain]) expect(page.body).toMatchObject({ hasMore: true, data: [] });
    const tokens = [first, empty, emptyAgain].map((page) => page.body["continueFrom"]);
    expect(new Set(tokens).size).toBe(3);
    const all = [...first.data, ...(await client.exportAll(path, String(tokens[2]))).rows];
    expect(new Set(ids(all)).size).toBe(7);
  });

  test("refused-cursor: a valid token is refused, but not a start without one", async () => {
    const { client } = await open({ effect: { kind: "refused-cursor" } });
    const first = await client.get(path);
    expect(first.status).toBe(200);
    const refused = await client.get(next(first));
    expect(refused.status).toBe(400);
    expect(refused.body["errors"]).toHaveProperty("from");
  });
});

describe("faults of lists", () => {
  test("repeat-page: the previous page is returned again under its own number", async () => {
    const { client } = await open({ effect: { kind: "repeat-page" }, times: 1 });
    const first = await client.get(listPath);
    expect((await client.get(`${listPath}&page=2`)).body).toEqual(first.body);
    expect((await client.get(`${listPath}&page=2`)).body["page"]).toBe(2);
  });

  test("repeat-page with advance: under the requested number", async () => {
    const { client } = await open({ effect: { kind: "repeat-page", advance: true }, times: 1 });
    const first = await client.get(listPath);
    expect((await client.get(`${listPath}&page=2`)).body).toEqual({ ...first.body, page: 2 });
  });

  test("empty-page: no rows, more announced", async () => {
    const { client } = await open({ effect: { kind: "empty-page" }, times: 1 });
    expect((await client.get(listPath)).body).toMatchObject({ page: 1, hasMore: true, data: [] });
  });
});

describe("faults of authorization", () => {
  test("revoked-token: the token remains refused, the next one is accepted", async () => {
    const { simulator, client } = await open({ effect: { kind: "revoked-token" }, times: 1 });
    expect(await statuses(client, 2)).toEqual([401, 401]);
    expect(await statuses(await connect(simulator), 1)).toEqual([200]);
  });

  test("missing-scope: one feed is refused, but not the others", async () => {
    const { client } = await open({ effect: { kind: "missing-scope" }, feed: "customers" });
    const refused = await client.get(path);
    expect([refused.status, refused.body["title"]]).toEqual([403, "Scope validation failed"]);
    expect(await statuses(client, 1, "crm/v2/tenant/1001/export/locations")).toEqual([200]);
  });
});
