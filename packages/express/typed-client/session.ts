import createClient from "openapi-fetch";
import { readEvents } from "../src/__fixtures__/read-events.js";

// A program of a user of the API. `paths` and `components` are generated from the OpenAPI document when
// src/client.test.ts checks and runs it.

/** What a person types in to connect a tenant. */
export type Secrets = Omit<components["schemas"]["NewCredential"], "companyId" | "test">;

/** What the program came by, in the order of its steps. */
export interface Session {
  readonly askedFor: readonly string[];
  readonly tested: boolean;
  readonly status: string;
  readonly testedAgain: boolean;
  readonly runId: string;
  readonly lastEvent: components["schemas"]["SyncEvent"] | undefined;
  readonly history: readonly (readonly [string, string])[];
  readonly refusal: string | undefined;
  /** Starts another sync and cancels it at once. @returns how that run ended */
  startAndCancel(): Promise<string>;
}

/** The data of a response, which must be present. */
function given<Data>({ data, error }: { readonly data?: Data; readonly error?: unknown }): Data {
  if (data === undefined) throw new Error(`The request failed: ${JSON.stringify(error)}`);
  return data;
}

export async function runSession(baseUrl: string, secrets: Secrets): Promise<Session> {
  const client = createClient<paths>({ baseUrl, headers: { "x-user": "admin" } });
  const metadata = given(await client.GET("/credentials/metadata"));
  const body = { companyId: "acme", ...secrets };
  const tested = given(await client.POST("/credentials/test", { body }));
  const credential = given(await client.POST("/credentials", { body: { ...body, test: true } }));
  const params = { path: { credentialId: credential.id } };
  const again = given(await client.POST("/credentials/{credentialId}/test", { params, body: {} }));

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
  const history = given(
    await client.GET("/credentials/{credentialId}/sync/history", {
      params: { ...params, query: { limit: 10 } },
    }),
  );
  const refused = await client.GET("/credentials/{credentialId}", {
    params: { path: { credentialId: "nobody's" } },
  });
  return {
    askedFor: metadata.fields.filter((field) => field.required).map((field) => field.name),
    tested: tested.ok,
    status: credential.status,
    testedAgain: again.ok,
    runId: started.runId,
    lastEvent: events.at(-1),
    history: history.items.map((run) => [run.id, run.status]),
    refusal: refused.error?.code,
    async startAndCancel() {
      const second = given(await client.POST("/credentials/{credentialId}/sync", { params, body: {} }));
      const cancelled = given(await client.DELETE("/credentials/{credentialId}/sync/current", { params }));
      if (cancelled.runId !== second.runId) throw new Error("Another run was cancelled.");
      const run = given(await client.GET("/syncs/{runId}", { params: { path: { runId: second.runId } } }));
      return run.status;
    },
  };
}
