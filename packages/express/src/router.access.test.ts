import { describe, expect, it } from "vitest";
import { ask, auditOf, post, settled, useHosts, valuesOf } from "./__fixtures__/ask.js";
import type { SentRequest } from "./__fixtures__/host.js";
import { createTitanSyncRouter } from "./router.js";

const { open, openPopulated } = useHosts();

describe("sign-in", () => {
  it("refuses every request until the host defines who may use it, and names the missing option", async () => {
    const opened = await open({ router: { authenticate: undefined } });
    for (const path of ["/credentials", "/health/live", "/openapi.json", "/docs/"]) {
      expect((await ask(opened, path)).status).toBe(401);
    }
    expect(opened.logger.lines).toContainEqual({
      fields: { option: "authenticate" },
      message: expect.stringContaining("`authenticate`"),
    });
  });

  it("accepts no principal for which the host returns something unusable", async () => {
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

  it("allows a company to be named like a member of every object", async () => {
    const opened = await open();
    const trigger = { companyId: "constructor", ...valuesOf(opened) };
    expect((await ask(opened, "/credentials", post(trigger))).status).toBe(404);
  });
});

it("refuses unusable options, all at once, when it is created", async () => {
  const options = {
    titan: null,
    authenticate: "ann",
    basePath: "sync/",
    cors: { origins: ["*", "https://app.example/"] },
    rateLimits: { testsPerMinute: 0 },
    base: "/",
  };
  const make = () => createTitanSyncRouter(options as never);
  expect(make).toThrow(/^Invalid router options: /);
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
  it("records who was denied what", async () => {
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

  it("is also recorded when granted, if the host wants that", async () => {
    const opened = await openPopulated({ router: { auditGrants: true } });
    await ask(opened, `/credentials/${opened.credentialId}`, { as: "viewer" });
    expect(await auditOf(opened, "access:grant")).toMatchObject([
      { actor: "viewer", outcome: "success", details: { operation: "getCredential", permission: "view" } },
    ]);
  });

  it("is decided by the host if it wants to", async () => {
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

  it("lists only what the principal may see, for any request", async () => {
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

  it("shows rows of rejections, and what a dry run would change, only to admins", async () => {
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
