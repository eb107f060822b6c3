import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createTitanSync, generateEncryptionKey, memoryStorage, staticKeys } from "@titan-sync/core";
import { createTitanSyncRouter } from "@titan-sync/express";
import { createSimulator, type SimulatedTenant } from "@titan-sync/simulator";
import express from "express";
import { createSessions } from "./sessions.js";

export interface RunningHost extends AsyncDisposable {
  readonly url: string;
  /** The simulated tenants of acme and globex: what a person would copy from ServiceTitan. */
  readonly tenants: readonly SimulatedTenant[];
}

/** What the application knows about its companies. */
const companies: Readonly<Record<string, { readonly trade: string; readonly timeZone: string }>> = {
  acme: { trade: "HVAC", timeZone: "America/Chicago" },
  globex: { trade: "Plumbing", timeZone: "America/New_York" },
};

/**
 * Starts the application on the loopback address, with a simulated ServiceTitan behind it.
 * @param port - 0 takes any that is free.
 */
export async function startHost(port: number): Promise<RunningHost> {
  const simulator = createSimulator({
    rateLimitPerSecond: null,
    tenants: [
      { customers: 100, invoices: 250 },
      { customers: 40, invoices: 60 },
    ],
  });
  const titan = createTitanSync({
    storage: memoryStorage(),
    keys: staticKeys(generateEncryptionKey()),
    company: async (companyId) => companies[companyId] ?? null,
    sink: async () => ({ rejected: [] }),
    // Without these two lines, requests go to ServiceTitan itself.
    fetch: (input, init) => simulator.handle(new Request(input, init)),
    requestsPerSecond: 1000,
  });

  const sessions = createSessions();
  const router = createTitanSyncRouter({
    titan,
    authenticate(request) {
      const user = sessions.userOf(request);
      return user === null ? null : { id: user.name, companies: user.companies };
    },
  });

  const app = express();
  app.post("/sign-in", express.json(), (request, response) => {
    const cookie = sessions.signIn(request.body?.name, request.body?.password);
    if (cookie === null) response.sendStatus(401);
    else response.set("Set-Cookie", cookie).sendStatus(204);
  });
  app.post("/sign-out", (request, response) => {
    sessions.signOut(request);
    response.sendStatus(204);
  });
  app.use("/api/servicetitan", router);

  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${taken}`,
    tenants: simulator.tenants,
    async [Symbol.asyncDispose]() {
      await router.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await titan.close();
    },
  };
}
