import { memoryStorage, type Storage, StorageError } from "@titan-sync/core";
import express from "express";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Host, type HostOptions, type SentRequest, startHost } from "./__fixtures__/host.js";
import { type Population, populate } from "./__fixtures__/populate.js";
import { createTitanSyncRouter } from "./router.js";

// Sockets, and a whole host for each test.
vi.setConfig({ testTimeout: 60_000 });

let host: Host | null = null;

async function open(options: HostOptions = {}): Promise<Host> {
  host = await startHost(options);
  return host;
}

async function openPopulated(options: HostOptions = {}): Promise<Host & Population> {
  const opened = await open(options);
  return { ...opened, ...(await populate(opened)) };
}

afterEach(async () => {
  await host?.[Symbol.asyncDispose]();
  host = null;
});

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // Tests look into what they expect.
  readonly body: Readonly<Record<string, unknown>>;
}

async function ask({ send }: Host, path: string, request?: SentRequest): Promise<Answer> {
  const response = await send(path, request);
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === "" ? {} : JSON.parse(text) };
}

const post = (body: unknown = {}, request: SentRequest = {}): SentRequest => ({
  method: "POST",
  body,
  ...request,
});
const put = (body: unknown, request: SentRequest = {}): SentRequest => ({
  method: "PUT",
  body,
  ...request,
});
const patch = (body: unknown, request: SentRequest = {}): SentRequest => ({
  method: "PATCH",
  body,
  ...request,
});

async function auditOf({ storage }: Host, action: string) {
  const { items } = await storage.listAudit({}, { limit: 100 });
  return items.filter((entry) => entry.action === action);
}

describe("sign-in", () => {
  it("refuses every request until the host says who may use it, and names the missing option", async () => {
    const opened = await open({ router: { authenticate: undefined } });
    for (const path of ["/credentials", "/health/live", "/openapi.json", "/docs/"]) {
      expect((await ask(opened, path)).status).toBe(401);
    }
    expect(opened.logger.lines).toContainEqual({
      fields: { option: "authenticate" },
      message: expect.stringContaining("`authenticate`"),
    });
  });

  it("takes nobody for a principal of whom the host says something unusable", async () => {
    for (const given of [
      { id: "", companies: {} },
      { id: "x", companies: { acme: ["owner"] } },
      "x",
      undefined,
    ]) {
      const opened = await open({ router: { authenticate: () => given as never } });
      expect((await ask(opened, "/credentials")).status).toBe(401);
      await opened[Symbol.asyncDispose]();
    }
  });

  it("lets a company be called like a member of every object", async () => {
    const opened = await open();
    const wish = { companyId: "constructor", ...valuesOf(opened) };
    expect((await ask(opened, "/credentials", post(wish))).status).toBe(404);
  });
});

it("refuses unusable options, all at once, when it is made", async () => {
  const options = {
    titan: null,
    authenticate: "ann",
    basePath: "sync/",
    cors: { origins: ["*", "https://app.example/"] },
    rateLimits: { testsPerMinute: 0 },
    base: "/",
  };
  const make = () => createTitanSyncRouter(options as never);
  expect(make).toThrow(/^The router's options are not usable: /);
  for (const place of [
    "titan",
    "authenticate",
    "basePath",
    "cors.origins.0",
    "cors.origins.1",
    "rateLimits.testsPerMinute",
    '"base"',
  ]) {
    expect(make).toThrow(place);
  }
});

describe("access", () => {
  it("notes who was denied what", async () => {
    const opened = await openPopulated();
    const { credentialId } = opened;
    const denied = await ask(opened, `/credentials/${credentialId}/sync`, post({}, { as: "viewer" }));
    expect(denied).toMatchObject({ status: 403, body: { code: "FORBIDDEN" } });
    await ask(opened, `/credentials/${credentialId}`, { as: "foreigner" });
    const [second, first] = await auditOf(opened, "access:deny");
    expect(first).toMatchObject({
      actor: "viewer",
      subject: credentialId,
      companyId: "acme",
      outcome: "denied",
      requestId: denied.headers.get("x-request-id"),
      details: { operation: "triggerSync", permission: "sync" },
    });
    expect(second).toMatchObject({ actor: "foreigner", details: { operation: "getCredential" } });
  });

  it("is noted when granted too, where the host wants that", async () => {
    const opened = await openPopulated({ router: { auditGrants: true } });
    await ask(opened, `/credentials/${opened.credentialId}`, { as: "viewer" });
    expect(await auditOf(opened, "access:grant")).toMatchObject([
      { actor: "viewer", outcome: "success", details: { operation: "getCredential", permission: "view" } },
    ]);
  });

  it("is decided by the host where it wants to", async () => {
    const asked: string[] = [];
    const opened = await openPopulated({
      router: {
        authorize: ({ principal, companyId, permission, operation }) => {
          asked.push(`${principal.id} ${companyId} ${permission} ${operation}`);
          return permission === "view";
        },
      },
    });
    const path = `/credentials/${opened.credentialId}`;
    expect((await ask(opened, path)).status).toBe(200);
    expect((await ask(opened, `${path}/test`, post())).status).toBe(403);
    expect((await ask(opened, "/audit", { as: "operator" })).status).toBe(403);
    expect(asked).toContain("admin acme admin testCredential");
    expect(asked).toContain("operator * admin listAudit");
  });

  it("lists only what the principal may see, whatever they ask for", async () => {
    const opened = await openPopulated();
    const companies = async (path: string, as: SentRequest["as"]) =>
      ((await ask(opened, path, { as })).body["items"] as { companyId: string }[]).map(
        (item) => item.companyId,
      );
    expect(await companies("/credentials", "viewer")).toEqual(["acme"]);
    expect(await companies("/credentials", "operator")).toEqual(["acme", "globex"]);
    expect(await companies("/credentials?companyId=globex", "viewer")).toEqual([]);
    expect(await companies("/credentials?companyId=nobody", "viewer")).toEqual([]);
    expect(new Set(await companies("/audit", "admin"))).toEqual(new Set(["acme"]));
  });

  it("shows rows of rejections, and what a dry run would change, to admins only", async () => {
    const opened = await openPopulated();
    const { credentialId } = opened;
    const path = `/credentials/${credentialId}/rejections?limit=1`;
    const payloadFor = async (as: SentRequest["as"]) =>
      ((await ask(opened, path, { as })).body["items"] as { payload: string | null }[])[0]?.payload;
    expect(await payloadFor("admin")).toEqual(expect.any(String));
    expect(await payloadFor("syncer")).toBeNull();

    const { body } = await ask(opened, `/credentials/${credentialId}/sync`, post({ dryRun: true }));
    const run = await settled(opened, String(body["runId"]));
    expect(run).toMatchObject({
      status: "completed",
      dryRun: true,
      diff: { insert: 0, unchanged: expect.any(Number) },
    });
    const seen = await ask(opened, `/syncs/${body["runId"]}`, { as: "syncer" });
    expect(seen.body).toMatchObject({ dryRun: true, diff: null });
    expect((await ask(opened, `/syncs/${body["runId"]}`, { as: "foreigner" })).status).toBe(404);
    const { body: history } = await ask(opened, `/credentials/${credentialId}/sync/history`);
    expect(history["items"]).toHaveLength(1);
  });
});

async function settled(opened: Host, runId: string): Promise<Answer["body"]> {
  for (;;) {
    const { body } = await ask(opened, `/syncs/${runId}`);
    if (body["status"] !== "running") return body;
    await new Promise(setImmediate);
  }
}

function valuesOf({ tenant: { tenantId, environment, clientId, clientSecret, appKey } }: Host) {
  return { tenantId, environment, clientId, clientSecret, appKey };
}

describe("requests", () => {
  it("are told every fault at once, with pointers, and no secret is repeated", async () => {
    const opened = await open();
    const body = {
      companyId: "a\u0000b",
      tenantId: "12x",
      environment: "prod",
      clientSecret: 7,
      "a/b": "secret-canary",
    };
    const answer = await ask(opened, "/credentials?verbose=1", post(body));
    expect(answer.status).toBe(422);
    expect(answer.headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
    expect(answer.body).toMatchObject({
      type: "urn:titan-sync:problem:invalid",
      code: "INVALID",
      status: 422,
    });
    const faults = answer.body["errors"] as { pointer?: string; parameter?: string }[];
    expect(faults.map(({ pointer, parameter }) => pointer ?? parameter).sort()).toEqual([
      "#/appKey",
      "#/a~1b",
      "#/clientId",
      "#/clientSecret",
      "#/companyId",
      "#/environment",
      "#/tenantId",
      "verbose",
    ]);
    expect(JSON.stringify(answer.body)).not.toContain("canary");
  });

  it("get the SDK's own checks with pointers too", async () => {
    const opened = await open();
    const values = valuesOf(opened);
    const swapped = {
      companyId: "acme",
      ...values,
      clientId: values.clientSecret,
      clientSecret: values.clientId,
    };
    const { status, body } = await ask(opened, "/credentials", post(swapped));
    expect(status).toBe(422);
    expect(body["errors"]).toEqual([
      expect.objectContaining({ pointer: "#/clientId" }),
      expect.objectContaining({ pointer: "#/clientSecret" }),
    ]);
  });

  it.each([
    ["is no JSON", "{", {}, 400],
    ["has another type", "x=1", { "content-type": "application/x-www-form-urlencoded" }, 415],
    ["has no type", "{}", { "content-type": "" }, 415],
    ["is large", JSON.stringify({ data: "x".repeat(40_000) }), {}, 413],
    ["is compressed", "{}", { "content-encoding": "gzip" }, 415],
    ["comes in another character set", "{}", { "content-type": "application/json; charset=latin1" }, 415],
    ["is no object", "[]", {}, 422],
  ])("are refused when their body %s", async (_case, body, headers, status) => {
    const opened = await openPopulated();
    const answer = await ask(opened, `/credentials/${opened.credentialId}/sync`, post(body, { headers }));
    expect(answer.status).toBe(status);
    expect(answer.body["code"]).toEqual(expect.any(String));
  });

  it("of another site are refused where a cookie carries the sign-in", async () => {
    const opened = await openPopulated();
    const origin = new URL(opened.url).origin;
    const status = async (headers: Readonly<Record<string, string>>) =>
      (await ask(opened, `/credentials/${opened.credentialId}/test`, post({}, { headers }))).status;
    const cookie = "session=1";
    expect(await status({ cookie, origin: "https://evil.example" })).toBe(403);
    expect(await status({ cookie, origin: "null" })).toBe(403);
    expect(await status({ cookie, "sec-fetch-site": "cross-site" })).toBe(403);
    expect(await status({ cookie, origin })).toBe(200);
    expect(await status({ cookie })).toBe(200);
    expect(await status({ origin: "https://evil.example" })).toBe(200);
  });

  it("of other origins are let through by browsers only where the host says so", async () => {
    const opened = await openPopulated({ router: { cors: { origins: ["https://app.example"] } } });
    const preflight = (origin: string) =>
      opened.send("/credentials", {
        method: "OPTIONS",
        as: null,
        headers: { origin, "access-control-request-method": "POST" },
      });
    const allowed = await preflight("https://app.example");
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get("access-control-allow-origin")).toBe("https://app.example");
    expect((await preflight("https://evil.example")).headers.get("access-control-allow-origin")).toBeNull();
    const cookie = { cookie: "session=1", origin: "https://app.example" };
    const sent = await ask(opened, `/credentials/${opened.credentialId}/test`, post({}, { headers: cookie }));
    expect(sent.status).toBe(200);
  });

  it("are limited for each principal, and told when to come back", async () => {
    const opened = await openPopulated({ router: { rateLimits: { testsPerMinute: 2 } } });
    const test = async (as: SentRequest["as"]) =>
      await ask(opened, `/credentials/${opened.credentialId}/test`, post({}, { as }));
    expect((await test("admin")).status).toBe(200);
    expect((await test("admin")).status).toBe(200);
    const limited = await test("admin");
    expect(limited).toMatchObject({ status: 429, body: { code: "TOO_MANY_REQUESTS" } });
    expect(Number(limited.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await test("operator")).status).toBe(200);
  });

  it("with a method that a path does not have are told which it has", async () => {
    const opened = await open();
    const answer = await ask(opened, "/dashboard", post());
    expect(answer).toMatchObject({ status: 405, body: { code: "METHOD_NOT_ALLOWED" } });
    expect(answer.headers.get("allow")).toBe("GET");
  });

  it("for other paths are the host's, with the host's own middleware untouched", async () => {
    const opened = await open();
    opened.app.get("/own", (_request, response) => void response.send("the host's"));
    const response = await opened.send("/own");
    expect(await response.text()).toBe("the host's");
    expect(response.headers.get("content-security-policy")).toBeNull();
  });

  it("may have been parsed by the host already", async () => {
    const opened = await openPopulated();
    const { router } = opened;
    const app = express().use(express.json()).use("/sync", router);
    const server = app.listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : null;
    const response = await fetch(`http://127.0.0.1:${port}/sync/credentials/${opened.credentialId}/sync`, {
      method: "POST",
      headers: { "x-user": "admin", "content-type": "application/json" },
      body: JSON.stringify({ data: "nothing" }),
    });
    expect(response.status).toBe(422);
    server.close();
  });

  it("that fail in an unforeseen way are told nothing but a code and where to look", async () => {
    const storage = memoryStorage();
    const broken: Storage = {
      ...storage,
      listCredentials: () => Promise.reject(new Error("password=canary at 10.0.0.1")),
      listAudit: () => Promise.reject(new StorageError("The database refused a statement (42P01).")),
    };
    const opened = await open({ storage: broken });
    for (const path of ["/credentials", "/audit"]) {
      const answer = await ask(opened, path);
      expect(answer.status).toBe(500);
      const requestId = answer.headers.get("x-request-id");
      expect(answer.body).toEqual({
        type: "urn:titan-sync:problem:unexpected",
        title: "Something unexpected happened",
        status: 500,
        code: "UNEXPECTED",
        requestId,
      });
      expect(opened.logger.lines.some(({ fields }) => fields["requestId"] === requestId)).toBe(true);
    }
    expect(JSON.stringify(opened.logger.lines)).not.toContain("canary");
  });

  it("come back later while the database is away, and readiness says so", async () => {
    const storage = memoryStorage();
    const away = () => Promise.reject(new StorageError("The database is away.", { retryable: true }));
    const opened = await open({ storage: { ...storage, listRuns: away, listCredentials: away } });
    const answer = await ask(opened, "/credentials");
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("5");
    expect(await ask(opened, "/health/ready")).toMatchObject({
      status: 503,
      body: { status: "unavailable" },
    });
    expect(await ask(opened, "/health/live")).toMatchObject({ status: 200, body: { status: "ok" } });
  });
});

describe("credentials", () => {
  it("are made, shown masked, changed, tested and removed", async () => {
    const opened = await open();
    const { tenant } = opened;
    const created = await ask(
      opened,
      "/credentials",
      post({ companyId: "acme", ...valuesOf(opened), test: true }),
    );
    expect(created).toMatchObject({ status: 201, body: { status: "connected", version: 1 } });
    const path = created.headers.get("location") ?? "";
    expect(path).toBe(`/credentials/${created.body["id"]}`);
    const shown = await ask(opened, path, { as: "viewer" });
    expect(shown.body["clientId"]).toBe(`cid.…${tenant.clientId.slice(-4)}`);
    expect(shown.headers.get("etag")).toBe('"1"');
    const changed = await ask(opened, path, patch({ appKey: "ak1.another-application-key" }));
    expect(changed).toMatchObject({ status: 200, body: { version: 2, status: "pending" } });
    expect(await ask(opened, `${path}/test`, post())).toMatchObject({ status: 200, body: { ok: false } });
    expect((await ask(opened, path, { method: "DELETE" })).status).toBe(204);
    expect((await ask(opened, path)).status).toBe(404);
  });

  it("are stored only if ServiceTitan accepts them, where that is asked for", async () => {
    const opened = await open();
    const wrong = {
      companyId: "acme",
      ...valuesOf(opened),
      clientSecret: "cs1.wrong-secret-altogether",
      test: true,
    };
    expect(await ask(opened, "/credentials", post(wrong))).toMatchObject({
      status: 422,
      body: { code: "REFUSED" },
    });
    expect((await ask(opened, "/credentials")).body["items"]).toEqual([]);
  });

  it("of two admins who change the same version, one is told", async () => {
    const opened = await openPopulated();
    const path = `/credentials/${opened.credentialId}`;
    const etag = (await ask(opened, path)).headers.get("etag") ?? "";
    const change = (appKey: string, headers: Readonly<Record<string, string>>) =>
      ask(opened, path, patch({ appKey }, { headers }));
    expect((await change("ak1.the-first-of-two-keys", { "if-match": etag })).status).toBe(200);
    const late = await change("ak1.the-second-of-two-keys", { "if-match": etag });
    expect(late).toMatchObject({ status: 412, body: { code: "VERSION_CHANGED" } });
    expect((await ask(opened, path, { method: "DELETE", headers: { "if-match": etag } })).status).toBe(412);
    expect((await change("ak1.the-second-of-two-keys", { "if-match": "W/nonsense" })).status).toBe(412);
    expect((await change("ak1.the-second-of-two-keys", { "if-match": "*" })).status).toBe(200);
  });

  it("are one for each company and environment", async () => {
    const opened = await openPopulated();
    const again = await ask(opened, "/credentials", post({ companyId: "acme", ...valuesOf(opened) }));
    expect(again).toMatchObject({ status: 409, body: { code: "CONFLICT" } });
  });

  it("are not removed within a day of a sync unless forced", async () => {
    const opened = await openPopulated();
    const path = `/credentials/${opened.credentialId}`;
    expect((await ask(opened, path, { method: "DELETE" })).status).toBe(409);
    expect((await ask(opened, `${path}?force=true`, { method: "DELETE" })).status).toBe(204);
  });

  it("switch a company between its environments, each with its history", async () => {
    const opened = await openPopulated();
    const { credentialId, tenant } = opened;
    const environment = tenant.environment === "production" ? "integration" : "production";
    const path = `/credentials/${credentialId}`;
    const incomplete = await ask(opened, path, patch({ environment }));
    expect(incomplete.status).toBe(422);
    expect(incomplete.body["errors"]).toHaveLength(3);

    const { clientId, clientSecret, appKey } = tenant;
    const there = await ask(opened, path, patch({ environment, clientId, clientSecret, appKey }));
    expect(there).toMatchObject({
      status: 200,
      body: { environment, companyId: "acme", tenantId: tenant.tenantId },
    });
    const otherPath = there.headers.get("content-location") ?? "";
    expect(otherPath).not.toBe(path);
    const history = await ask(opened, `${path}/sync/history`);
    expect(history.body["items"]).toHaveLength(1);

    const back = await ask(opened, otherPath, patch({ environment: tenant.environment }));
    expect(back).toMatchObject({ status: 200, body: { id: credentialId } });
    const listed = await ask(opened, "/credentials");
    expect(listed.body["items"]).toHaveLength(2);
  });
});

describe("syncs", () => {
  it("are accepted at once and shown where the answer says", async () => {
    const opened = await openPopulated();
    const answer = await ask(
      opened,
      `/credentials/${opened.credentialId}/sync`,
      post({ data: "invoices" }, { as: "syncer" }),
    );
    expect(answer.status).toBe(202);
    const path = answer.headers.get("location") ?? "";
    expect(answer.body).toMatchObject({ url: path, eventsUrl: `${path}/events`, status: "running" });
    expect(await settled(opened, String(answer.body["runId"]))).toMatchObject({
      status: "completed",
      data: "invoices",
    });
    const [started] = await auditOf(opened, "sync:start");
    expect(started).toMatchObject({ actor: "syncer", subject: answer.body["runId"] });
  });

  it("cannot start while one runs, and are cancelled by an admin", async () => {
    const opened = await openPopulated();
    opened.simulator.faults.inject({ effect: { kind: "hang" }, probability: 1 });
    const path = `/credentials/${opened.credentialId}/sync`;
    const { body } = await ask(opened, path, post());
    const second = await ask(opened, path, post({ data: "customers" }));
    expect(second).toMatchObject({ status: 409, body: { code: "CONFLICT", runId: body["runId"] } });
    const status = await ask(opened, `${path}/status`);
    expect(status.body).toMatchObject({ current: { id: body["runId"], status: "running" } });
    expect((await ask(opened, `${path}/current`, { method: "DELETE", as: "syncer" })).status).toBe(403);
    expect(await ask(opened, `${path}/current`, { method: "DELETE" })).toMatchObject({
      status: 200,
      body: { runId: body["runId"] },
    });
    expect(await settled(opened, String(body["runId"]))).toMatchObject({ status: "cancelled" });
    expect((await ask(opened, `${path}/current`, { method: "DELETE" })).status).toBe(409);
    expect(await auditOf(opened, "sync:stop")).toMatchObject([{ actor: "admin", outcome: "success" }]);
  });

  it("start once for one idempotency key, also after a restart", async () => {
    const opened = await openPopulated();
    const path = `/credentials/${opened.credentialId}/sync`;
    const headers = { "idempotency-key": "monday" };
    const [first, second] = await Promise.all([
      ask(opened, path, post({}, { headers })),
      ask(opened, path, post({}, { headers })),
    ]);
    expect([first?.status, second?.status]).toEqual([202, 202]);
    expect(second?.body).toEqual(first?.body);
    await settled(opened, String(first?.body["runId"]));
    expect((await ask(opened, path, post({}, { headers }))).body).toEqual(first?.body);
    const other = await ask(opened, path, post({ data: "invoices" }, { headers }));
    expect(other).toMatchObject({ status: 422, body: { code: "KEY_REUSED" } });
    const bad = await ask(opened, path, post({}, { headers: { "idempotency-key": "a b" } }));
    expect(bad).toMatchObject({ status: 422, body: { errors: [{ parameter: "Idempotency-Key" }] } });
    const { body } = await ask(opened, `${path}/history`);
    expect(body["items"]).toHaveLength(2);
  });

  it("are listed page by page, filtered, and measured", async () => {
    const opened = await openPopulated();
    const path = `/credentials/${opened.credentialId}/sync`;
    for (const data of ["invoices", "customers"] as const) {
      await (await opened.titan.sync({ credentialId: opened.credentialId, data })).result;
    }
    const first = await ask(opened, `${path}/history?limit=2`);
    expect((first.body["items"] as { data: string }[]).map((run) => run.data)).toEqual([
      "customers",
      "invoices",
    ]);
    const second = await ask(opened, `${path}/history?limit=2&cursor=${first.body["next"]}`);
    expect(second.body).toMatchObject({ items: [{ data: "both" }], next: null });
    const filtered = await ask(opened, `${path}/history?data=invoices&status=completed&from=2020-01-01`);
    expect(filtered.body["items"]).toHaveLength(1);
    expect((await ask(opened, `${path}/history?to=2020-01-01T00:00:00Z`)).body["items"]).toEqual([]);
    expect((await ask(opened, `${path}/history?limit=101`)).status).toBe(422);
    expect((await ask(opened, `${path}/history?cursor=nonsense`)).status).toBe(422);
    expect((await ask(opened, `${path}/metrics`)).body).toMatchObject({ runs: 3, successRate: 1 });
  });

  it("are stopped when the router closes, and no more are taken", async () => {
    const opened = await openPopulated();
    opened.simulator.faults.inject({ effect: { kind: "hang" }, probability: 1 });
    const { body } = await ask(opened, `/credentials/${opened.credentialId}/sync`, post());
    await opened.router.close();
    expect(await opened.storage.findRun(String(body["runId"]))).toMatchObject({ status: "cancelled" });
    expect((await ask(opened, `/credentials/${opened.credentialId}/sync`, post())).status).toBe(503);
  });

  it("wait where the host's dispatcher queues them, and are shown as queued", async () => {
    const queued = new Map<string, number>();
    const opened = await openPopulated({
      router: {
        dispatcher: {
          async dispatch(sync) {
            queued.set(sync.runId, 1_700_000_000_000);
            last = sync;
            return { runId: sync.runId, status: "queued" };
          },
          cancel: async ({ runId }) => queued.delete(runId),
          findQueued: async (by) => {
            const at = last === null ? undefined : queued.get("runId" in by ? by.runId : last.runId);
            return last === null || at === undefined ? null : { ...last, queuedAt: at };
          },
          close: async () => undefined,
        },
      },
    });
    const { body } = await ask(
      opened,
      `/credentials/${opened.credentialId}/sync`,
      post({ from: "2025-01-01" }),
    );
    expect(body["status"]).toBe("queued");
    expect((await ask(opened, `/syncs/${body["runId"]}`)).body).toMatchObject({
      status: "queued",
      companyId: "acme",
      from: "2025-01-01",
      startedAt: "2023-11-14T22:13:20.000Z",
    });
    expect((await ask(opened, `/syncs/${body["runId"]}`, { as: "foreigner" })).status).toBe(404);
    const path = `/credentials/${opened.credentialId}/sync`;
    expect((await ask(opened, `${path}/status`)).body).toMatchObject({ current: { status: "queued" } });
    expect((await ask(opened, `${path}/current`, { method: "DELETE" })).status).toBe(200);
    expect((await ask(opened, `/syncs/${body["runId"]}`)).status).toBe(404);
  });
  let last: Parameters<NonNullable<NonNullable<HostOptions["router"]>["dispatcher"]>["dispatch"]>[0] | null =
    null;
});

describe("schedules", () => {
  it("are saved, shown with their next run, and removed", async () => {
    const opened = await openPopulated();
    const path = `/credentials/${opened.credentialId}/schedule`;
    expect((await ask(opened, path)).status).toBe(404);
    const input = { cron: "30 2 * * 1-5", timeZone: "America/Chicago", quietDays: ["2099-12-25"] };
    const saved = await ask(opened, path, put(input));
    expect(saved).toMatchObject({
      status: 200,
      body: { ...input, data: "both", enabled: true, revision: 1 },
    });
    const { body: board } = await ask(opened, "/dashboard");
    expect(board["items"]).toMatchObject([{ nextRunAt: saved.body["nextRunAt"] }]);
    expect((await ask(opened, path, put({ cron: "often", timeZone: "Mars" }))).body["errors"]).toMatchObject([
      { pointer: "#/cron" },
      { pointer: "#/timeZone" },
    ]);
    expect((await ask(opened, path, { method: "DELETE" })).status).toBe(204);
    expect((await ask(opened, path)).status).toBe(404);
  });

  it("of two admins who change the same revision, one is told", async () => {
    const opened = await openPopulated();
    const path = `/credentials/${opened.credentialId}/schedule`;
    const save = async (headers: Readonly<Record<string, string>>) =>
      (await ask(opened, path, put({ cron: "@daily" }, { headers }))).status;
    expect(await save({ "if-none-match": "*" })).toBe(200);
    expect(await save({ "if-none-match": "*" })).toBe(412);
    expect(await save({ "if-match": '"1"' })).toBe(200);
    expect(await save({ "if-match": '"1"' })).toBe(412);
    const removed = await ask(opened, path, { method: "DELETE", headers: { "if-match": '"1"' } });
    expect(removed.status).toBe(412);
  });

  it("go along when the company switches its environment", async () => {
    const opened = await openPopulated();
    const { credentialId, tenant } = opened;
    const path = `/credentials/${credentialId}`;
    await ask(opened, `${path}/schedule`, put({ cron: "@daily" }));
    const environment = tenant.environment === "production" ? "integration" : "production";
    const { clientId, clientSecret, appKey } = tenant;
    const there = await ask(opened, path, patch({ environment, clientId, clientSecret, appKey }));
    const other = there.headers.get("content-location") ?? "";
    expect((await ask(opened, `${other}/schedule`)).body).toMatchObject({ cron: "0 0 * * *", enabled: true });
    expect((await ask(opened, `${path}/schedule`)).body).toMatchObject({ enabled: false, nextRunAt: null });
  });
});

it("replays what was rejected, as a sync that asks ServiceTitan nothing", async () => {
  const opened = await openPopulated();
  const { requests } = opened.simulator.counters();
  const answer = await ask(opened, `/credentials/${opened.credentialId}/rejections/replay`, post());
  expect(answer.status).toBe(202);
  expect(await settled(opened, String(answer.body["runId"]))).toMatchObject({
    status: "completed",
    replay: true,
    failed: expect.toSatisfy((failed: number) => failed > 0),
  });
  expect(opened.simulator.counters().requests).toEqual(requests);
});

it("shows where every credential stands on the dashboard", async () => {
  const opened = await openPopulated();
  const { body } = await ask(opened, "/dashboard", { as: "operator" });
  expect(body).toMatchObject({
    totals: { credentials: 2, running: 0, runs: 2 },
    items: [
      { credential: { companyId: "acme" }, current: null, last: { id: opened.runId, status: "completed" } },
      { credential: { companyId: "globex" } },
    ],
    next: null,
  });
  const [first] = body["items"] as { trend: { day: string; runs: number }[] }[];
  expect(first?.trend).toHaveLength(30);
  expect(first?.trend.at(-1)).toMatchObject({ runs: 1, day: new Date().toISOString().slice(0, 10) });
});

it("serves its interactive documentation from this machine, under a path with a slash", async () => {
  const opened = await open({ mountPath: "/api" });
  const redirect = await opened.send("/docs", { as: null });
  expect(redirect.status).toBe(301);
  expect(redirect.headers.get("location")).toBe("/api/docs/");
  const page = await (await opened.send("/docs/", { as: null })).text();
  expect(page).not.toMatch(/https?:/);
  for (const [, file] of page.matchAll(/(?:src|href)="([^"]+)"/g)) {
    const asset = await opened.send(`/docs/${file}`, { as: null });
    expect([file, asset.status]).toEqual([file, 200]);
  }
  expect((await opened.send("/docs/package.json", { as: null })).status).toBe(404);
});
