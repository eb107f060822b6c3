import { afterAll, beforeAll, expect, it } from "vitest";
import { type RunningHost, startHost } from "../../examples/express-host/src/start-host.js";

let host: RunningHost;

beforeAll(async () => {
  host = await startHost(0);
});

afterAll(async () => {
  await host[Symbol.asyncDispose]();
});

interface Asked {
  readonly cookie?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

async function ask(method: string, path: string, { cookie, body, headers }: Asked = {}): Promise<Response> {
  return await fetch(`${host.url}${path}`, {
    method,
    headers: { "content-type": "application/json", ...(cookie !== undefined && { cookie }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

async function signIn(name: string): Promise<string> {
  const response = await ask("POST", "/sign-in", { body: { name, password: `${name}'s password` } });
  expect(response.status).toBe(204);
  return response.headers.get("set-cookie")?.split(";")[0] ?? "";
}

const api = "/api/servicetitan";

it("the host's sign-in decides who gets in, and signing out ends it", async () => {
  expect((await ask("GET", `${api}/credentials`)).status).toBe(401);
  expect((await ask("POST", "/sign-in", { body: { name: "ann", password: "guess" } })).status).toBe(401);
  const cookie = await signIn("ann");
  expect((await ask("GET", `${api}/credentials`, { cookie })).status).toBe(200);
  await ask("POST", "/sign-out", { cookie });
  expect((await ask("GET", `${api}/credentials`, { cookie })).status).toBe(401);
});

it("each company connects and syncs separately, and sees nothing of the other", async () => {
  const [ann, bob, cleo] = [await signIn("ann"), await signIn("bob"), await signIn("cleo")];
  const ids: string[] = [];
  for (const [index, [companyId, cookie]] of [["acme", ann] as const, ["globex", cleo] as const].entries()) {
    const body = { companyId, ...host.tenants[index], test: true };
    const { tenantId, environment, clientId, clientSecret, appKey, test } = body;
    const values = { companyId, tenantId, environment, clientId, clientSecret, appKey, test };
    const created = await ask("POST", `${api}/credentials`, { cookie, body: values });
    expect(created.status).toBe(201);
    ids.push(((await created.json()) as { id: string }).id);
  }
  const [acme, globex] = ids;

  const started = await ask("POST", `${api}/credentials/${globex}/sync`, { cookie: bob, body: {} });
  expect(started.status).toBe(202);
  const { eventsUrl } = (await started.json()) as { eventsUrl: string };
  expect(await (await ask("GET", eventsUrl, { cookie: bob })).text()).toContain('"status":"completed"');

  expect((await ask("POST", `${api}/credentials/${acme}/sync`, { cookie: bob, body: {} })).status).toBe(403);
  expect((await ask("GET", `${api}/credentials/${acme}`, { cookie: cleo })).status).toBe(404);
  expect((await ask("GET", eventsUrl, { cookie: ann })).status).toBe(404);
});

it("another site cannot use the cookie", async () => {
  const cookie = await signIn("ann");
  const headers = { origin: "https://evil.example" };
  const response = await ask("POST", `${api}/credentials/test`, { cookie, headers, body: {} });
  expect(response.status).toBe(403);
});
