import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type SimulatorServer, startSimulatorServer } from "./server.js";
import { createSimulator, type Simulator } from "./simulator.js";
import { requestToken } from "./test-support.js";

const path = "crm/v2/tenant/1001/export/customers";

let simulator: Simulator;
let server: SimulatorServer;
let headers: Readonly<Record<string, string>>;

beforeEach(async () => {
  simulator = createSimulator({ tenants: [{ customers: 20 }], exportLagMs: 0 });
  server = await startSimulatorServer(simulator);
  const { body } = await requestToken(simulator);
  headers = {
    authorization: `Bearer ${body["access_token"]}`,
    "st-app-key": simulator.tenants[0]?.appKey ?? "",
  };
});

afterEach(() => server.close());

function get(signal?: AbortSignal): Promise<Response> {
  return fetch(`${server.url}/${path}`, { headers, ...(signal === undefined ? {} : { signal }) });
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error instanceof Error && error.cause !== undefined ? error.cause : error;
  }
  throw new Error("It did not fail.");
}

describe("the HTTP server", () => {
  test("serves tokens and rows at one address", async () => {
    const tenant = simulator.tenants[0];
    const answer = await fetch(`${server.url}/connect/token`, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_id: tenant?.clientId ?? "",
        client_secret: tenant?.clientSecret ?? "",
      }),
    });
    const token: unknown = await answer.json();
    expect(token).toMatchObject({ access_token: expect.any(String), expires_in: 900 });

    const response = await get();
    expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
    const page: unknown = await response.json();
    expect(page).toMatchObject({ hasMore: false, data: expect.any(Array) });
    const inOrder = Object(page).data.toSorted(
      (left: { id: number }, right: { id: number }) => left.id - right.id,
    );
    expect(inOrder).toEqual(simulator.rows("1001", "customers"));
  });

  test("keeps connections alive", async () => {
    expect((await get()).headers.get("connection")).toBe("keep-alive");
  });

  test("returns the simulator's time in the Date header", async () => {
    await server.close();
    const past = createSimulator({
      tenants: [{ customers: 1 }],
      now: () => Date.parse("2025-06-01T00:00:00Z"),
    });
    server = await startSimulatorServer(past);
    expect((await fetch(server.url)).headers.get("date")).toBe("Sun, 01 Jun 2025 00:00:00 GMT");
  });

  test("resets a connection", async () => {
    simulator.faults.inject({ effect: { kind: "reset" }, times: 1 });
    expect(await failureOf(get())).toMatchObject({ code: "ECONNRESET" });
    expect((await get()).status).toBe(200);
  });

  test("cuts a body short of its announced length", async () => {
    simulator.faults.inject({ effect: { kind: "cut-body" }, times: 1 });
    const response = await get();
    expect(response.status).toBe(200);
    expect(Number(response.headers.get("content-length"))).toBeGreaterThan(1000);
    expect(await failureOf(response.text())).toMatchObject({ code: "UND_ERR_SOCKET" });
  });

  test("sends cut JSON as a complete answer", async () => {
    simulator.faults.inject({ effect: { kind: "cut-json" }, times: 1 });
    const text = await (await get()).text();
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
  });

  test("hangs until the caller gives up", async () => {
    simulator.faults.inject({ effect: { kind: "hang" }, times: 1 });
    const caller = new AbortController();
    const failure = failureOf(get(caller.signal));
    while (simulator.counters().requests < 1) await new Promise((resolve) => setImmediate(resolve));
    caller.abort();
    expect(await failure).toMatchObject({ name: "AbortError" });
    expect((await get()).status).toBe(200);
  });

  test("closes even if requests hang or wait, and may be closed twice", async () => {
    simulator.faults.inject({ effect: { kind: "hang" }, times: 1 });
    simulator.faults.inject({ effect: { kind: "latency", ms: 3_600_000 } });
    const failures = Promise.all([failureOf(get()), failureOf(get())]);
    while (simulator.counters().requests < 2) await new Promise((resolve) => setImmediate(resolve));
    await server.close();
    await server.close();
    expect(await failures).toHaveLength(2);
  });

  test("reports that its port is in use", async () => {
    const port = Number(new URL(server.url).port);
    await expect(startSimulatorServer(simulator, { port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  });
});
