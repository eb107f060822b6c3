import { describe, expect, test } from "vitest";
import { createSimulator } from "../simulator.js";
import { connect, createManualClock, readReply, requestToken } from "../test-support.js";

const path = "crm/v2/tenant/1001/export/customers";

describe("the token endpoint", () => {
  test("returns a bearer token with its lifetime and scopes", async () => {
    const simulator = createSimulator({
      tenants: [{ customers: 1, scopes: ["tn.crm.customers:r", "tn.acc.invoices:r"] }],
    });
    const { status, body } = await requestToken(simulator);
    expect(status).toBe(200);
    expect(body).toEqual({
      access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      expires_in: 900,
      token_type: "Bearer",
      scope: "tn.crm.customers:r tn.acc.invoices:r",
    });
  });

  test("answers a wrong secret and an unknown client in the same way", async () => {
    const simulator = createSimulator({ tenants: [{ customers: 1 }] });
    for (const wrong of [{ client_secret: "cs1.wrong" }, { client_id: "cid.wrong" }]) {
      const { status, body } = await requestToken(simulator, wrong);
      expect(status).toBe(400);
      expect(body).toEqual({ error: "invalid_client" });
    }
  });

  test("refuses other grants, other methods and bodies that are not forms", async () => {
    const simulator = createSimulator({ tenants: [{ customers: 1 }] });
    const grant = await requestToken(simulator, { grant_type: "password" });
    expect(grant.body).toEqual({ error: "unsupported_grant_type" });
    const get = await readReply(await simulator.handle(new Request("http://simulator/connect/token")));
    expect(get.body).toEqual({ error: "invalid_request" });
    const json = new Request("http://simulator/connect/token", {
      method: "POST",
      body: "{}",
      headers: { "content-type": "application/json" },
    });
    expect((await readReply(await simulator.handle(json))).body).toEqual({ error: "invalid_request" });
  });

  test("throttles a client that requests too often, and admits it again a minute later", async () => {
    const clock = createManualClock();
    const simulator = createSimulator({
      tenants: [{ customers: 1 }],
      tokenRequestsPerMinute: 2,
      now: clock.now,
    });
    const statuses = async () => (await requestToken(simulator)).status;
    expect([await statuses(), await statuses(), await statuses()]).toEqual([200, 200, 429]);
    clock.advance(60_000);
    expect(await statuses()).toBe(200);
  });
});

describe("the checks of the API", () => {
  test("are made in the order app key, token, tenant, scope, route", async () => {
    const simulator = createSimulator({ tenants: [{ customers: 1, scopes: [] }, { customers: 1 }] });
    const client = await connect(simulator);
    const title = async (where: string, headers: Readonly<Record<string, string>> = {}) => {
      const { status, body } = await client.get(where, headers);
      return [status, body["title"] ?? body["message"]];
    };
    const noKey = { "st-app-key": "", authorization: "" };
    expect(await title("crm/v2/tenant/9/nowhere", noKey)).toEqual([
      401,
      "Application key not present, check ST-App-Key header value.",
    ]);
    expect(await title("crm/v2/tenant/9/nowhere", { "st-app-key": "ak1.wrong" })).toEqual([
      401,
      "Application key is not valid, check ST-App-Key header value.",
    ]);
    expect(await title("crm/v2/tenant/9/nowhere", { authorization: "Bearer x" })).toEqual([
      401,
      "Unauthorized",
    ]);
    expect(await title("crm/v2/tenant/1002/export/customers")).toEqual([
      403,
      "The token is not valid for this tenant.",
    ]);
    expect(await title(path)).toEqual([403, "Scope validation failed"]);
    expect(await title("crm/v2/tenant/1001/nowhere")).toEqual([
      404,
      "Unable to match incoming request to an operation.",
    ]);
    expect(await title("")).toEqual([404, "Not Found"]);
  });

  test("answer with the documented problem", async () => {
    const client = await connect(createSimulator({ tenants: [{ customers: 1, scopes: [] }] }));
    expect((await client.get(path)).body).toEqual({
      type: expect.any(String),
      title: "Scope validation failed",
      status: 403,
      traceId: expect.any(String),
      errors: {},
      data: {},
    });
  });

  test("accept the bare token as well as a bearer token", async () => {
    const client = await connect(createSimulator({ tenants: [{ customers: 1 }] }));
    expect((await client.get(path, { authorization: client.token })).status).toBe(200);
  });

  test("refuse an expired token", async () => {
    const clock = createManualClock();
    const client = await connect(createSimulator({ tenants: [{ customers: 1 }], now: clock.now }));
    clock.advance(899_999);
    expect((await client.get(path)).status).toBe(200);
    clock.advance(1);
    expect((await client.get(path)).status).toBe(401);
  });

  test("return 404 for another tenant if configured", async () => {
    const client = await connect(createSimulator({ tenants: [{ customers: 1 }], foreignTenantStatus: 404 }));
    expect((await client.get("crm/v2/tenant/77/customers")).status).toBe(404);
  });

  test("find no operation for feeds without export, for other methods and for other modules", async () => {
    const client = await connect(createSimulator({ tenants: [{ customers: 1 }] }));
    for (const nowhere of [
      "dispatch/v2/tenant/1001/export/zones",
      "accounting/v2/tenant/1001/customers",
      "accounting/v2/tenant/1001/invoices/31000001",
    ]) {
      expect((await client.get(nowhere)).status, nowhere).toBe(404);
    }
  });
});

describe("the rate limit", () => {
  test("applies to any rolling second, per tenant, and does not count refused requests", async () => {
    const clock = createManualClock();
    const tenants = [{ customers: 1 }, { customers: 1 }];
    const simulator = createSimulator({ tenants, rateLimitPerSecond: 3, now: clock.now });
    const [one, two] = [await connect(simulator, 0), await connect(simulator, 1)];
    const ask = async (after: number) => {
      clock.advance(after);
      return (await one.get(path)).status;
    };
    expect([await ask(0), await ask(600), await ask(0), await ask(0)]).toEqual([200, 200, 200, 429]);
    expect((await two.get("crm/v2/tenant/1002/export/customers")).status).toBe(200);
    expect([await ask(399), await ask(1), await ask(0)]).toEqual([429, 200, 429]);
    expect(simulator.counters().throttled).toBe(3);
  });

  test.each([
    ["seconds", "1", "Rate limit is exceeded. Try again in 1 seconds."],
    ["date", "Thu, 15 Jan 2026 12:00:01 GMT", "Rate limit is exceeded."],
    ["title", null, "Rate limit is exceeded. Try again in 1 seconds."],
    ["none", null, "Rate limit is exceeded."],
  ] as const)("can announce the wait as: %s", async (retryAfterForm, header, title) => {
    const clock = createManualClock();
    const options = { tenants: [{ customers: 1 }], rateLimitPerSecond: 1, now: clock.now, retryAfterForm };
    const client = await connect(createSimulator(options));
    await client.get(path);
    const { status, headers, body } = await client.get(path);
    expect(status).toBe(429);
    expect(headers.get("retry-after")).toBe(header);
    expect(body["title"]).toBe(title);
  });

  test("can be switched off", async () => {
    const clock = createManualClock();
    const options = { tenants: [{ customers: 1 }], rateLimitPerSecond: null, now: clock.now };
    const client = await connect(createSimulator(options));
    for (let count = 0; count < 100; count += 1) expect((await client.get(path)).status).toBe(200);
  });
});

describe("counters", () => {
  test("count requests by status and feed, tokens separately, and the peak of each tenant", async () => {
    const clock = createManualClock();
    const simulator = createSimulator({ tenants: [{ customers: 1 }, { customers: 1 }], now: clock.now });
    const client = await connect(simulator);
    await client.get(path);
    await client.get("crm/v2/tenant/1001/nowhere");
    clock.advance(999);
    await client.get("accounting/v2/tenant/1001/invoices");
    clock.advance(1);
    await client.get("crm/v2/tenant/1002/customers");
    expect(simulator.counters()).toEqual({
      requests: 4,
      tokenRequests: 1,
      byStatus: { 200: 2, 403: 1, 404: 1 },
      byFeed: { customers: 2, invoices: 1 },
      throttled: 0,
      peakRequestsPerSecond: 3,
      peakByTenant: { 1001: 3, 1002: 1 },
    });
    simulator.resetCounters();
    expect(simulator.counters()).toMatchObject({ requests: 0, byStatus: {}, peakRequestsPerSecond: 0 });
  });
});
