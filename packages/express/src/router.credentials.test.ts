import { describe, expect, it } from "vitest";
import { ask, patch, post, put, useHosts, valuesOf } from "./__fixtures__/ask.js";

const { open, openPopulated } = useHosts();

describe("credentials", () => {
  it("are created, shown masked, changed, tested and removed", async () => {
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

  it("are stored only if ServiceTitan accepts them, if requested", async () => {
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

  it("refuse the second of two admins who change the same version", async () => {
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

  it("exist once per company and environment", async () => {
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

describe("schedules", () => {
  it("are saved, shown with their next run, and removed", async () => {
    const opened = await openPopulated();
    const path = `/credentials/${opened.credentialId}/schedule`;
    expect((await ask(opened, path)).status).toBe(404);
    const input = { cron: "30 2 * * 1-5", timeZone: "America/Chicago", quietDays: ["2099-12-25"] };
    const saved = await ask(opened, path, put(input));
    expect(saved).toMatchObject({
      status: 200,
      body: { ...input, window: null, data: "both", fullEvery: "7d", enabled: true, revision: 1 },
    });
    expect(saved.body).not.toHaveProperty("every");
    const next = saved.body["next"] as readonly string[];
    expect([next.length, next[0]]).toEqual([5, saved.body["nextRunAt"]]);
    const { body: board } = await ask(opened, "/dashboard");
    expect(board["items"]).toMatchObject([{ nextRunAt: saved.body["nextRunAt"] }]);
    expect(
      (await ask(opened, path, put({ cron: "often", every: "0s", timeZone: "EST" }))).body["errors"],
    ).toMatchObject([
      { pointer: "#/cron" },
      { pointer: "#/every" },
      { pointer: "#/cron" },
      { pointer: "#/every" },
      { pointer: "#/timeZone" },
    ]);
    expect((await ask(opened, path, { method: "DELETE" })).status).toBe(204);
    expect((await ask(opened, path)).status).toBe(404);
  });

  it("are changed for many companies at once, after a look at how many that would be", async () => {
    const opened = await openPopulated();
    const path = `/credentials/${opened.credentialId}/schedule`;
    await ask(opened, path, put({ cron: "@daily", quietDays: ["2099-12-25"] }));
    const change = (body: object) => ask(opened, "/schedules", post(body));
    const changes = { every: "15m", window: "22:00-05:00" };
    const counts = {
      selected: 1,
      created: 0,
      changed: 1,
      unchanged: 0,
      withoutSchedule: 0,
      changedMeanwhile: 0,
    };
    expect(await change({ changes, dryRun: true })).toMatchObject({
      status: 200,
      body: { dryRun: true, ...counts },
    });
    expect((await ask(opened, path)).body).toMatchObject({ cron: "0 0 * * *", revision: 1 });
    expect((await change({ changes })).body).toEqual({ dryRun: false, ...counts });
    expect((await ask(opened, path)).body).toMatchObject({
      ...changes,
      quietDays: ["2099-12-25"],
      revision: 2,
    });
    expect((await change({ changes })).body).toMatchObject({ changed: 0, unchanged: 1 });
    expect((await change({ changes, companyId: "nobody" })).body).toMatchObject({ selected: 0 });
    expect(await change({ changes: { timeZone: "EST" } })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: "#/changes/timeZone", detail: expect.stringContaining("company acme") }] },
    });
  });

  it("are proposed when a company connects, and saved only by a request", async () => {
    const opened = await openPopulated();
    const { tenantId, clientId, clientSecret, appKey } = opened.tenant;
    const environment = opened.tenant.environment === "production" ? "integration" : "production";
    const values = { companyId: "acme", tenantId, environment, clientId, clientSecret, appKey };
    const { body } = await ask(opened, "/credentials", post(values));
    expect(body["proposedSchedule"]).toMatchObject({ cron: "0 2 * * *", data: "both", fullEvery: "7d" });
    const path = `/credentials/${String(body["id"])}/schedule`;
    expect((await ask(opened, path)).status).toBe(404);
    expect((await ask(opened, path, put(body["proposedSchedule"] as object))).status).toBe(200);
  });

  it("refuse the second of two admins who change the same revision", async () => {
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

  it("are kept when the company switches its environment", async () => {
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
