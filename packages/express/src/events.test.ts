import { setTimeout as wait } from "node:timers/promises";
import { generateEncryptionKey, memoryStorage } from "@titan-sync/core";
import { afterEach, expect, it, vi } from "vitest";
import { type Host, startHost } from "./__fixtures__/host.js";
import { populate } from "./__fixtures__/populate.js";
import { type ReadEvent, readEvents } from "./__fixtures__/read-events.js";

const hosts: Host[] = [];
async function open(options: Parameters<typeof startHost>[0] = {}): Promise<Host> {
  const host = await startHost(options);
  hosts.push(host);
  return host;
}

afterEach(async () => {
  for (const host of hosts.splice(0)) await host[Symbol.asyncDispose]();
});

/** Keeps what arrives; `until` waits for it. */
function collect(response: Response) {
  const events: ReadEvent[] = [];
  const ended = (async () => {
    for await (const event of readEvents(response)) events.push(event);
  })();
  return {
    events,
    ended,
    until: (matches: (event: ReadEvent) => boolean) =>
      vi.waitUntil(() => events.some(matches), { timeout: 250_000, interval: 5 }),
  };
}

const isEnd = ({ event }: ReadEvent): boolean => event === "run:end";

async function trigger(host: Host, credentialId: string): Promise<string> {
  const answer = await host.send(`/credentials/${credentialId}/sync`, {
    method: "POST",
    body: {},
    as: "operator",
  });
  expect(answer.status).toBe(202);
  return ((await answer.json()) as { runId: string }).runId;
}

it("sends the events of a sync that has ended, then ends the stream permanently", async () => {
  const host = await open();
  const { runId } = await populate(host);
  const reader = collect(await host.send(`/syncs/${runId}/events`, { as: "viewer" }));
  await reader.ended;
  expect(reader.events.at(0)).toMatchObject({ event: "run:start", data: { runId, companyId: "acme" } });
  expect(reader.events.at(-1)).toMatchObject({ event: "run:end", id: "end", data: { status: "completed" } });
  const again = await host.send(`/syncs/${runId}/events`, {
    as: "viewer",
    headers: { "last-event-id": "end" },
  });
  expect(again.status).toBe(204);
});

it("sends live events of the syncs that the reader may see, and of no others", async () => {
  const host = await open();
  const { credentialId, otherCredentialId } = await populate(host);
  const mine = collect(await host.send("/events", { as: "viewer" }));
  const theirs = collect(await host.send("/events", { as: "foreigner" }));
  const all = collect(await host.send("/events", { as: "operator" }));
  const [runId, otherRunId] = [await trigger(host, credentialId), await trigger(host, otherCredentialId)];
  await all.until((event) => isEnd(event) && event.data["runId"] === runId);
  await all.until((event) => isEnd(event) && event.data["runId"] === otherRunId);
  await Promise.all([mine.until(isEnd), theirs.until(isEnd)]);
  expect(new Set(mine.events.map((event) => event.data["companyId"]))).toEqual(new Set(["acme"]));
  expect(new Set(theirs.events.map((event) => event.data["companyId"]))).toEqual(new Set(["globex"]));
  expect(mine.events.map((event) => event.event)).toEqual(
    expect.arrayContaining(["run:start", "feed:start", "page:read", "batch:landed", "feed:end", "run:end"]),
  );
  const times = mine.events.map((event) => event.data["at"]);
  for (const time of times) expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

it("continues after the last received event, without gaps or repetitions", async () => {
  const host = await open();
  const { credentialId } = await populate(host);
  const first = new AbortController();
  const cut = collect(await host.send("/events", { as: "viewer", signal: first.signal }));
  await trigger(host, credentialId);
  await cut.until(isEnd);
  const ids = cut.events.map((event) => event.id);
  first.abort();
  await cut.ended.catch(() => undefined);
  await trigger(host, credentialId);
  await wait(50);
  const resumed = collect(
    await host.send("/events", { as: "viewer", headers: { "last-event-id": ids[4] ?? "" } }),
  );
  await vi.waitUntil(() => resumed.events.filter(isEnd).length === 2, { timeout: 250_000, interval: 5 });
  expect(resumed.events.slice(0, ids.length - 5).map((event) => event.id)).toEqual(ids.slice(5));
  expect(new Set(resumed.events.map((event) => event.id)).size).toBe(resumed.events.length);
});

it("reports runs that another process executes, as far as the storage shows them", async () => {
  const storage = memoryStorage();
  const keys = generateEncryptionKey();
  const [here, there] = [await open({ storage, keys }), await open({ storage, keys })];
  const { credentialId } = await populate(there);
  const reader = collect(await here.send("/events", { as: "viewer" }));
  await wait(60);
  there.simulator.faults.inject({ effect: { kind: "latency", ms: 100 }, probability: 1 });
  const runId = await trigger(there, credentialId);
  await reader.until(isEnd);
  expect(reader.events.map((event) => event.event)).toEqual(expect.arrayContaining(["run:start", "run:end"]));
  expect(reader.events.at(-1)).toMatchObject({ data: { runId, status: "completed" } });
  expect(reader.events.filter(isEnd)).toHaveLength(1);
});

it("sends a reader who has an event id of another process the current state", async () => {
  const host = await open();
  const { credentialId } = await populate(host);
  host.simulator.faults.inject({ effect: { kind: "latency", ms: 200 }, probability: 1 });
  const runId = await trigger(host, credentialId);
  const reader = collect(
    await host.send("/events", { as: "viewer", headers: { "last-event-id": "elsewhere-7" } }),
  );
  await reader.until(isEnd);
  expect(reader.events.at(0)).toMatchObject({ event: "run:start", data: { runId } });
});

it("ends a stream when the permission is revoked", async () => {
  let isSignedIn = true;
  const host = await open({
    router: {
      heartbeatMs: 20,
      authenticate: () => (isSignedIn ? { id: "someone", companies: { acme: ["view"] } } : null),
    },
  });
  const { runId } = await populate(host);
  const all = collect(await host.send("/events"));
  const missing = await host.send(`/syncs/${runId}x/events`);
  expect(missing.status).toBe(404);
  isSignedIn = false;
  await all.ended;
  expect((await host.send("/events")).status).toBe(401);
});

it("shows signs of life", async () => {
  const host = await open({ router: { heartbeatMs: 10 } });
  await populate(host);
  const response = await host.send("/events", { as: "viewer" });
  let text = "";
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    if (text.split(": heartbeat").length > 3) break;
  }
  expect(text).toMatch(/^retry: 2000\n\n/);
});

it("ends all streams when the router is closed", async () => {
  const host = await open();
  await populate(host);
  const reader = collect(await host.send("/events", { as: "viewer" }));
  await host.router.close();
  await reader.ended;
  await host.router.close();
});
