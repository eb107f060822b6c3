import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { simulatorHandlers } from "./msw.js";
import { createSimulator } from "./simulator.js";

const apiUrl = "https://api.example.test/proxy";
const authUrl = "https://auth.example.test";
const simulator = createSimulator({ tenants: [{ customers: 3 }] });
const server = setupServer(...simulatorHandlers(simulator, { apiUrl: `${apiUrl}/`, authUrl }));

beforeAll(() => server.listen({ onUnhandledFrame: "error" }));
afterEach(() => simulator.faults.clear());
afterAll(() => server.close());

async function headers() {
  const tenant = simulator.tenants[0];
  const response = await fetch(`${authUrl}/connect/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: tenant?.clientId ?? "",
      client_secret: tenant?.clientSecret ?? "",
    }),
  });
  const token: unknown = await response.json();
  return { authorization: `Bearer ${Object(token).access_token}`, "st-app-key": tenant?.appKey ?? "" };
}

const customers = `${apiUrl}/crm/v2/tenant/1001/customers?active=Any&pageSize=2`;

describe("the msw handlers", () => {
  test("respond for both hosts, with the query", async () => {
    const page: unknown = await (await fetch(customers, { headers: await headers() })).json();
    expect(page).toMatchObject({ pageSize: 2, hasMore: true });
  });

  test("turn a reset into a network error", async () => {
    const given = await headers();
    simulator.faults.inject({ effect: { kind: "reset" } });
    await expect(fetch(customers, { headers: given })).rejects.toThrow("fetch failed");
  });

  test("hang until the caller gives up", async () => {
    const given = await headers();
    simulator.faults.inject({ effect: { kind: "hang" } });
    await expect(fetch(customers, { headers: given, signal: AbortSignal.timeout(30) })).rejects.toThrow(
      /timeout|abort/i,
    );
  });

  test("cut a body", async () => {
    const given = await headers();
    simulator.faults.inject({ effect: { kind: "cut-body" } });
    const reading = fetch(customers, { headers: given }).then((response) => response.text());
    await expect(reading).rejects.toThrow(TypeError);
  });
});
