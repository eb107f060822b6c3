import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import createClient from "openapi-fetch";
import { afterEach, expect, it, vi } from "vitest";
import type { components, paths } from "./__fixtures__/client.generated.js";
import { generateClientTypes } from "./__fixtures__/client-types.js";
import { type Host, startHost } from "./__fixtures__/host.js";
import { readEvents } from "./__fixtures__/read-events.js";

// Sockets, and a whole host for each test.
vi.setConfig({ testTimeout: 60_000 });

const generatedFile = fileURLToPath(new URL("./__fixtures__/client.generated.ts", import.meta.url));

let host: Host | null = null;

afterEach(async () => {
  await host?.[Symbol.asyncDispose]();
  host = null;
});

/** What a client got, where it is sure that it got something. */
function given<Data>({ data, error }: { readonly data?: Data; readonly error?: unknown }): Data {
  if (data === undefined) throw new Error(`The request failed: ${JSON.stringify(error)}`);
  return data;
}

it("has types that are those of the document", async () => {
  const types = await generateClientTypes();
  if (process.env["UPDATE_GENERATED"] === "1") writeFileSync(generatedFile, types);
  expect(readFileSync(generatedFile, "utf8")).toBe(types);
}, 30_000);

it("goes from a credential over test, sync and live events to the history and a cancelled sync", async () => {
  host = await startHost({ mountPath: "/api/servicetitan" });
  const { tenantId, environment, clientId, clientSecret, appKey } = host.tenant;
  const client = createClient<paths>({ baseUrl: host.url, headers: { "x-user": "admin" } });

  const metadata = given(await client.GET("/credentials/metadata"));
  const asked = metadata.fields.filter((field) => field.required).map((field) => field.name);
  const body = { companyId: "acme", tenantId, environment, clientId, clientSecret, appKey };
  expect(Object.keys(body).sort()).toEqual([...asked].sort());

  expect(given(await client.POST("/credentials/test", { body }))).toMatchObject({ ok: true });
  const credential = given(await client.POST("/credentials", { body: { ...body, test: true } }));
  const params = { path: { credentialId: credential.id } };
  expect(credential.status).toBe("connected");
  expect(given(await client.POST("/credentials/{credentialId}/test", { params, body: {} })).ok).toBe(true);

  const started = given(
    await client.POST("/credentials/{credentialId}/sync", { params, body: { data: "both" } }),
  );
  const { response } = await client.GET("/syncs/{runId}/events", {
    params: { path: { runId: started.runId } },
    parseAs: "stream",
  });
  const events: components["schemas"]["SyncEvent"][] = [];
  for await (const { data } of readEvents(response)) {
    events.push(data as unknown as components["schemas"]["SyncEvent"]);
  }
  const last = events.at(-1);
  expect(last).toMatchObject({ event: "run:end", status: "completed", runId: started.runId });

  const history = given(
    await client.GET("/credentials/{credentialId}/sync/history", {
      params: { ...params, query: { limit: 10 } },
    }),
  );
  expect(history.items.map((run) => [run.id, run.status])).toEqual([[started.runId, "completed"]]);

  host.simulator.faults.inject({ effect: { kind: "hang" }, probability: 1 });
  const second = given(await client.POST("/credentials/{credentialId}/sync", { params, body: {} }));
  const cancelled = given(await client.DELETE("/credentials/{credentialId}/sync/current", { params }));
  expect(cancelled.runId).toBe(second.runId);
  const run = given(await client.GET("/syncs/{runId}", { params: { path: { runId: second.runId } } }));
  expect(run.status).toBe("cancelled");

  const refused = await client.GET("/credentials/{credentialId}", {
    params: { path: { credentialId: "nobody's" } },
  });
  expect(refused.error?.code).toBe("NOT_FOUND");
});
