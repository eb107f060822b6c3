import { memoryStorage, type Storage, StorageError } from "@titan-sync/core";
import express from "express";
import { describe, expect, it } from "vitest";
import { ask, post, useHosts, valuesOf } from "./__fixtures__/ask.js";
import type { SentRequest } from "./__fixtures__/host.js";

const { open, openPopulated } = useHosts();

describe("requests", () => {
  it("get all errors at once, with pointers and without repeating a secret", async () => {
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

  it("of another site are refused if a cookie carries the sign-in", async () => {
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

  it("of other origins are allowed by browsers only if the host says so", async () => {
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

  it("are limited for each principal, and told when to retry", async () => {
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

  it("with a method that the path does not support get a list of supported ones", async () => {
    const opened = await open();
    const answer = await ask(opened, "/dashboard", post());
    expect(answer).toMatchObject({ status: 405, body: { code: "METHOD_NOT_ALLOWED" } });
    expect(answer.headers.get("allow")).toBe("GET");
  });

  it("for other paths go to the host, and its own middleware is not affected", async () => {
    const opened = await open();
    opened.app.get("/own", (_request, response) => void response.send("the host's"));
    const response = await opened.send("/own");
    expect(await response.text()).toBe("the host's");
    expect(response.headers.get("content-security-policy")).toBeNull();
  });

  it("may already have been parsed by the host", async () => {
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

  it("that fail unexpectedly only get a code and where to look", async () => {
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
        title: "Internal error",
        status: 500,
        code: "UNEXPECTED",
        requestId,
      });
      expect(opened.logger.lines.some(({ fields }) => fields["requestId"] === requestId)).toBe(true);
    }
    expect(JSON.stringify(opened.logger.lines)).not.toContain("canary");
  });

  it("are told to retry while the database is unavailable, and readiness says so", async () => {
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
