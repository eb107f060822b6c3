import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  createTitanSync,
  generateEncryptionKey,
  memoryStorage,
  type RunDispatcher,
  type Storage,
  type SyncEvent,
  staticKeys,
  type TitanSync,
  type TitanSyncOptions,
} from "@titan-sync/core";
import { createSimulator, type SimulatedTenant, type Simulator } from "@titan-sync/simulator";
import express, { type Express, type Request } from "express";
import type { Permission, Principal } from "../access/principal.js";
import { createTitanSyncRouter, type TitanSyncRouter } from "../router.js";
import type { TitanSyncRouterOptions } from "../router-options.js";
import { type CapturingLogger, createCapturingLogger } from "./capturing-logger.js";

/** People of the host, who sign in by the header `x-user`. */
export const people = {
  viewer: { companies: { acme: ["view"] } },
  syncer: { companies: { acme: ["sync"] } },
  admin: { companies: { acme: ["admin"] } },
  /** Of another company. */
  foreigner: { companies: { globex: ["admin"] } },
  operator: { companies: "*" },
} as const satisfies Record<
  string,
  { readonly companies: "*" | Readonly<Record<string, readonly Permission[]>> }
>;
export type Person = keyof typeof people;

export function signInByHeader(request: Request): Principal | null {
  const name = request.get("x-user");
  return name !== undefined && Object.hasOwn(people, name) ? { id: name, ...people[name as Person] } : null;
}

export interface Host extends AsyncDisposable {
  /** Where the router answers. */
  readonly url: string;
  readonly app: Express;
  readonly router: TitanSyncRouter;
  readonly titan: TitanSync;
  readonly storage: Storage;
  readonly simulator: Simulator;
  readonly logger: CapturingLogger;
  readonly tenant: SimulatedTenant;
  readonly otherTenant: SimulatedTenant;
  /** As a signed-in person. A body is sent as JSON. */
  send(path: string, request?: SentRequest): Promise<Response>;
}

export interface SentRequest {
  readonly as?: Person | null | undefined;
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface HostOptions {
  readonly mountPath?: string;
  readonly router?: Partial<TitanSyncRouterOptions>;
  readonly storage?: Storage;
  /** Told of every event of every run. */
  readonly progress?: (event: SyncEvent) => void;
  /** Other instances than the router's own may share the storage. */
  readonly keys?: string;
  readonly titan?: Partial<TitanSyncOptions>;
  /** @defaultValue the router's own */
  readonly dispatcher?: (titan: TitanSync, storage: Storage) => RunDispatcher;
}

const unlimited = { testsPerMinute: 1_000_000, triggersPerMinute: 1_000_000 };

/** A host application with two companies, on its own socket, with a simulated ServiceTitan in this process. */
export async function startHost(options: HostOptions = {}): Promise<Host> {
  const { mountPath = "/", storage = memoryStorage() } = options;
  const simulator = createSimulator({
    rateLimitPerSecond: null,
    tenants: [
      { customers: 40, invoices: 20 },
      { customers: 3, invoices: 3 },
    ],
  });
  const [tenant, otherTenant] = simulator.tenants;
  if (tenant === undefined || otherTenant === undefined) throw new Error("The simulator has no two tenants.");
  const logger = createCapturingLogger();
  const titan = createTitanSync({
    storage,
    sink: async () => ({ rejected: [] }),
    keys: staticKeys(options.keys ?? generateEncryptionKey()),
    company: async () => ({ trade: "HVAC", importId: 7, timeZone: "America/Chicago" }),
    fetch: (input, init) => simulator.handle(new Request(input, init)),
    requestsPerSecond: 1000,
    retry: { firstDelayMs: 1, maxDelayMs: 2, jitter: 0, maxAttempts: 3 },
    logger,
    progress: options.progress,
    ...options.titan,
  });
  const router = createTitanSyncRouter({
    titan,
    authenticate: signInByHeader,
    rateLimits: unlimited,
    logger,
    pollMs: 20,
    dispatcher: options.dispatcher?.(titan, storage),
    ...options.router,
  });
  const app = express();
  app.use(mountPath, router);
  const server = await listen(app);
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}${mountPath === "/" ? "" : mountPath}`;
  return {
    url,
    app,
    router,
    titan,
    storage,
    simulator,
    logger,
    tenant,
    otherTenant,
    send: (path, request) => send(`${url}${path}`, request),
    async [Symbol.asyncDispose]() {
      await router.close();
      await titan.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function send(url: string, { as = "admin", method = "GET", body, headers, signal }: SentRequest = {}) {
  return await fetch(url, {
    method,
    redirect: "manual",
    headers: {
      ...(as !== null && { "x-user": as }),
      ...(method !== "GET" && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    ...(signal !== undefined && { signal }),
  });
}

async function listen(app: Express): Promise<Server> {
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}
