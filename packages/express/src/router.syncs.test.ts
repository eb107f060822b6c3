import { generateEncryptionKey, memoryStorage, systemClock } from "@titan-sync/core";
import { describe, expect, it } from "vitest";
import { ask, auditOf, post, settled, useHosts } from "./__fixtures__/ask.js";
import type { HostOptions } from "./__fixtures__/host.js";

const { open, openPopulated } = useHosts();

describe("syncs", () => {
  it("are accepted at once and shown where the response says", async () => {
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

  it("cannot start while another one is running, and can be canceled by an admin", async () => {
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
      body: { runId: body["runId"], outcome: "cancelled" },
    });
    expect(await settled(opened, String(body["runId"]))).toMatchObject({ status: "cancelled" });
    expect((await ask(opened, `${path}/current`, { method: "DELETE" })).status).toBe(409);
    expect(await auditOf(opened, "sync:stop")).toMatchObject([{ actor: "admin", outcome: "success" }]);
  });

  it("of another process are asked to stop, and a later one is not affected", async () => {
    // A lease that lasts on any machine, whose heartbeats come at once all the same.
    const leaseMs = 60_000;
    const clock: typeof systemClock = {
      ...systemClock,
      sleep: (ms, signal) => systemClock.sleep(ms === leaseMs / 3 ? 10 : ms, signal),
    };
    const shared = {
      storage: memoryStorage(),
      keys: generateEncryptionKey(),
      titan: { leaseMs, clock },
    };
    const there = await openPopulated(shared);
    const here = await open(shared);
    there.simulator.faults.inject({ effect: { kind: "hang" }, probability: 1 });
    const path = `/credentials/${there.credentialId}/sync`;
    const { body } = await ask(there, path, post());
    const runId = String(body["runId"]);
    const asked = await ask(here, `${path}/current`, { method: "DELETE" });
    expect(asked).toMatchObject({ status: 202, body: { runId, outcome: "requested" } });
    expect(await settled(here, runId)).toMatchObject({ status: "cancelled", error: null });
    expect(await auditOf(here, "sync:stop")).toMatchObject([
      {
        actor: "admin",
        subject: runId,
        outcome: "success",
        requestId: asked.headers.get("x-request-id"),
        details: { outcome: "requested" },
      },
    ]);
    expect(await auditOf(here, "sync:cancel")).toMatchObject([{ details: { cancelledBy: "admin" } }]);
    there.simulator.faults.clear();
    const next = await ask(there, path, post());
    expect(next.body["runId"]).not.toBe(runId);
    expect(await settled(here, String(next.body["runId"]))).toMatchObject({ status: "completed" });
  });

  it("that are paused are canceled if nobody is working on them", async () => {
    const opened = await openPopulated();
    opened.simulator.faults.inject({ effect: { kind: "hang" }, probability: 1 });
    const { credentialId } = opened;
    const paused = await (await opened.titan.sync({ credentialId, stopAfterMs: 10 })).result;
    expect(paused.status).toBe("paused");
    const path = `/credentials/${credentialId}/sync/current`;
    const answer = await ask(opened, path, { method: "DELETE" });
    expect(answer).toMatchObject({ status: 200, body: { runId: paused.runId, outcome: "cancelled" } });
    expect((await ask(opened, `/syncs/${paused.runId}`)).body["status"]).toBe("cancelled");
    expect((await ask(opened, path, { method: "DELETE" })).status).toBe(409);
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

  it("are stopped when the router closes, and no more are accepted", async () => {
    const opened = await openPopulated();
    opened.simulator.faults.inject({ effect: { kind: "hang" }, probability: 1 });
    const { body } = await ask(opened, `/credentials/${opened.credentialId}/sync`, post());
    await opened.router.close();
    expect(await opened.storage.findRun(String(body["runId"]))).toMatchObject({ status: "cancelled" });
    expect((await ask(opened, `/credentials/${opened.credentialId}/sync`, post())).status).toBe(503);
  });

  it("wait if the host's dispatcher queues them, and are shown as queued", async () => {
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

it("replays what was rejected, as a sync without requests to ServiceTitan", async () => {
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

it("dismisses rejections of the credential, and leaves out unknown ones", async () => {
  const opened = await openPopulated();
  const path = `/credentials/${opened.credentialId}/rejections`;
  const list = async () => (await ask(opened, path)).body["items"] as readonly { readonly id: string }[];
  const before = await list();
  const [first = { id: "" }] = before;
  const body = { ids: [first.id, "unknown"], reason: "never had an address" };
  const answer = await ask(opened, `${path}/dismiss`, post(body));
  expect(answer).toMatchObject({ status: 200, body: { dismissed: [first.id] } });
  expect(await list()).toHaveLength(before.length - 1);
  expect((await ask(opened, `${path}/dismiss`, post({ ids: [] }))).status).toBe(422);
});

it("shows the state of every credential on the dashboard", async () => {
  const opened = await openPopulated();
  const { body } = await ask(opened, "/dashboard", { as: "operator" });
  expect(body).toMatchObject({
    summary: { credentials: 2, states: { fresh: 2, late: 0 }, running: 0, lost: 0 },
    totals: { credentials: 2, running: 0, runs: 2 },
    items: expect.arrayContaining([
      expect.objectContaining({
        credential: expect.objectContaining({ companyId: "acme" }),
        status: expect.objectContaining({ state: "fresh", running: null, missing: expect.anything() }),
        current: null,
        last: expect.objectContaining({ id: opened.runId, status: "completed" }),
      }),
      expect.objectContaining({ credential: expect.objectContaining({ companyId: "globex" }) }),
    ]),
    next: null,
  });
  const [first] = body["items"] as { trend: { day: string; runs: number }[] }[];
  expect(first?.trend).toHaveLength(30);
  expect(first?.trend.at(-1)).toMatchObject({ runs: 1, day: new Date().toISOString().slice(0, 10) });
});

it("pauses a credential and resumes it, and shows its state", async () => {
  const opened = await openPopulated();
  const { credentialId } = opened;
  const stateOf = async () =>
    (await ask(opened, `/credentials/${credentialId}/status`, { as: "viewer" })).body;
  expect(await stateOf()).toMatchObject({
    state: "fresh",
    freshAsOf: { customers: expect.stringMatching(/Z$/), invoices: expect.stringMatching(/Z$/) },
    missing: { customers: [], invoices: [] },
    last: { runId: opened.runId, status: "completed" },
  });
  const pause = { reason: "moving offices", until: "2999-01-01T00:00:00Z" };
  const path = `/credentials/${credentialId}/pause`;
  expect((await ask(opened, path, { as: "viewer", method: "PUT", body: pause })).status).toBe(403);
  const paused = await ask(opened, path, { as: "admin", method: "PUT", body: pause });
  expect(paused).toMatchObject({ status: 200, body: { reason: "moving offices", actor: "admin" } });
  expect(await stateOf()).toMatchObject({ state: "paused", pause: { until: "2999-01-01T00:00:00.000Z" } });
  const listed = await ask(opened, "/status?state=paused", { as: "operator" });
  expect(listed.body).toMatchObject({ items: [{ credentialId, state: "paused" }], next: null });
  // A person may sync all the same.
  const asked = { as: "admin", method: "POST", body: { data: "customers" } } as const;
  expect((await ask(opened, `/credentials/${credentialId}/sync`, asked)).status).toBe(202);
  expect((await ask(opened, path, { as: "admin", method: "DELETE" })).status).toBe(204);
  expect((await stateOf())["state"]).not.toBe("paused");
});

it("serves its interactive documentation locally, under a path with a slash", async () => {
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

it("shows the open warnings of each credential's newest run on the dashboard", async () => {
  const opened = await openPopulated();
  const run = await opened.titan.runs.find(opened.runId);
  expect(run?.warnings).not.toEqual([]);
  const { body } = await ask(opened, "/dashboard", { as: "operator" });
  // The stalest comes first, which is either.
  expect(body["items"]).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        credential: expect.objectContaining({ companyId: "acme" }),
        warnings: run?.warnings,
      }),
      expect.objectContaining({ credential: expect.objectContaining({ companyId: "globex" }) }),
    ]),
  );
});
