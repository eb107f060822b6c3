import { generateEncryptionKey, memoryStorage } from "@titan-sync/core";
import type { Fault } from "@titan-sync/simulator";
import { expect, it, vi } from "vitest";
import { ask, post, useHosts } from "./__fixtures__/ask.js";
import { type Host, type Person, people } from "./__fixtures__/host.js";
import { populate } from "./__fixtures__/populate.js";

const { open } = useHosts();

/** Keeps everything that a stream of all events sends, ids and comments included, until it is stopped. */
async function record(host: Host, as: Person) {
  const stop = new AbortController();
  const response = await host.send("/events", { as, signal: stop.signal });
  let text = "";
  const reading = (async () => {
    for await (const part of response.body?.pipeThrough(new TextDecoderStream()) ?? []) text += part;
  })().catch(() => undefined);
  const has = (event: string, runId: string): boolean =>
    text.split("\n\n").some((block) => block.includes(`event: ${event}\n`) && block.includes(runId));
  return {
    text: () => text,
    until: (event: "run:start" | "run:end", runId: string) =>
      vi.waitUntil(() => has(event, runId), { timeout: 250_000, interval: 5 }),
    async stop() {
      stop.abort();
      await reading;
    },
  };
}

it("no event of any sync, whatever its outcome, contains a secret or a customer's name", async () => {
  const shared = { storage: memoryStorage(), keys: generateEncryptionKey() };
  let sinkFailure: string | null = null;
  const sink = async () => {
    if (sinkFailure !== null) throw new Error(sinkFailure);
    return { rejected: [] };
  };
  const host = await open({ ...shared, titan: { sink } });
  const elsewhere = await open(shared);
  const { credentialId, secrets, customerNames } = await populate(host);
  const refusedSecret = "cs1.a-secret-that-is-refused";
  const everything = [...secrets, ...customerNames].join(" ");

  const all = await record(host, "operator");
  const polled = await record(elsewhere, "operator");
  const others = await Promise.all((Object.keys(people) as Person[]).map((person) => record(host, person)));
  const own: string[] = [];

  async function sync(trigger: object, fault?: Fault): Promise<void> {
    if (fault !== undefined) host.simulator.faults.inject(fault);
    const path = `/credentials/${credentialId}/sync`;
    const { status, body } = await ask(host, path, post(trigger));
    expect([trigger, status]).toEqual([trigger, 202]);
    const runId = String(body["runId"]);
    if (fault?.effect.kind === "hang") {
      await polled.until("run:start", runId);
      await ask(host, `${path}/current`, { method: "DELETE" });
      await polled.until("run:end", runId);
    }
    await all.until("run:end", runId);
    host.simulator.faults.clear();
    own.push(await (await host.send(`/syncs/${runId}/events`)).text());
  }

  await sync({ mode: "full" });
  await sync({ dryRun: true, rederive: true });
  await sync({ mode: "full" }, { feed: "zones", effect: { kind: "missing-scope" } });
  const echo = { kind: "status", status: 400, title: secrets.join(" ") } as const;
  await sync({ mode: "full" }, { feed: "customers", effect: echo });
  await sync({}, { effect: { kind: "hang" } });
  const { tenantId } = host.tenant;
  const [customer] = host.simulator.rows(tenantId, "customers");
  host.simulator.mutate(tenantId, {
    kind: "edit",
    feed: "customers",
    id: customer?.id ?? 0,
    set: { type: "Commercial", undocumented: everything },
  });
  sinkFailure = everything;
  await sync({ fresh: true });
  sinkFailure = null;
  await host.titan.credentials.update(credentialId, { clientSecret: refusedSecret });
  await sync({});

  const readers = [all, polled, ...others];
  for (const reader of readers) await reader.stop();
  // All kinds of events and ends have come by.
  const told = (pattern: RegExp) => [...new Set(all.text().match(pattern))].sort();
  expect(told(/^event: .*$/gm)).toEqual(
    [
      ...["run:start", "feed:start", "page:read", "schema:drift", "batch:landed", "feed:end"],
      ...["batch:delivered", "run:warning", "run:end"],
    ]
      .map((event) => `event: ${event}`)
      .sort(),
  );
  expect(told(/(?<="status":")\w+/g)).toEqual(["cancelled", "completed", "failed", "partial"]);
  expect(told(/(?<="error":{"code":")\w+/g)).toEqual(["API_RESPONSE", "AUTH_INVALID_CREDENTIALS", "SINK"]);
  for (const text of [...readers.map((reader) => reader.text()), ...own]) {
    for (const canary of [...secrets, refusedSecret, ...customerNames]) expect(text).not.toContain(canary);
  }
});
